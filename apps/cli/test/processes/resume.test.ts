import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSettled, type TrialRecord } from '@gradsmith/core/domain';
import { Ledger } from '@gradsmith/core/ledger';
import { SqliteStore } from '@gradsmith/embedded';
import { expect, test, vi } from 'vitest';
import { LEDGER_FILE, openLedger } from '../../src/embedded/open.ts';
import { chooseEmbeddedJobId } from '../../src/embedded/run-embedded.ts';
import { readJobFile } from '../../src/job-file.ts';
import { waitForExit, folder, gaussians, gradsmith, jobFile, start, type ExitedProcess } from '../support.ts';

const TRIALS = 8;
// reference, and two confirmations of the best point and the reference
const ALL = TRIALS + 1 + 4;

async function readTrials(data: string, jobId: string): Promise<{ trials: TrialRecord[]; state: string }> {
  const ledger = await openLedger(data);
  const view = await ledger.findJob(jobId);
  const trials = view ? await ledger.readAllTrials(view.job) : [];
  await ledger.close();
  return { trials, state: view?.job.state ?? 'none' };
}

async function readJobId(data: string, file: string): Promise<string> {
  const ledger = await openLedger(data);
  const id = await chooseEmbeddedJobId(ledger, readJobFile(file));
  await ledger.close();
  return id;
}

const tuned: ('backpropagation' | 'constant' | 'learning-rate')[] = ['backpropagation', 'constant', 'learning-rate'];

/** Runs the job until so many trials have settled and another one runs, and ends the process by the signal then. */
async function runAndStop(
  file: string,
  data: string,
  jobId: string,
  settled: number,
  signal: NodeJS.Signals,
): Promise<ExitedProcess> {
  const child = start(['run', file, '--data', data, '--slots', '2']);
  const exited = waitForExit(child);
  while (child.exitCode === null) {
    await sleep(30);
    const { trials } = await readTrials(data, jobId);
    if (
      trials.filter(({ state }) => isSettled(state)).length < settled ||
      !trials.some(({ state }) => state === 'running')
    )
      continue;
    child.kill(signal);
    break;
  }
  return exited;
}

test('leaves an interrupted job as it is while another job of the folder runs, and runs both at once', async () => {
  const data = folder();
  const args = (file: string): string[] => ['run', file, '--data', data, '--slots', '2'];
  const first = jobFile(data, gaussians({ name: 'first', trials: TRIALS, epochs: 200 }), 'first.json');
  const second = jobFile(data, gaussians({ name: 'second', trials: 3 }), 'second.json');
  const firstId = await readJobId(data, first);
  expect(await runAndStop(first, data, firstId, 2, 'SIGINT')).toMatchObject({ code: 130 });
  const before = await readTrials(data, firstId);
  expect(await gradsmith(args(second))).toMatchObject({ code: 0 });
  expect(await readTrials(data, firstId)).toEqual(before);

  const third = jobFile(data, gaussians({ name: 'third', trials: 3, epochs: 200 }), 'third.json');
  expect(await Promise.all([gradsmith(args(first)), gradsmith(args(third))])).toMatchObject([{ code: 0 }, { code: 0 }]);
  const { trials } = await readTrials(data, await readJobId(data, third));
  // Only the process that was started for it has executed its trials.
  expect(new Set(trials.flatMap(({ attempts }) => attempts.map(({ worker }) => worker)))).toHaveProperty('size', 1);
}, 180_000);

test('refuses a job whose trials started on another runtime, and names both runtimes and the remedy', async () => {
  const data = folder();
  const file = jobFile(data, gaussians({ trials: TRIALS, epochs: 200 }));
  const jobId = await readJobId(data, file);
  const { stderr: interrupted } = await runAndStop(file, data, jobId, 1, 'SIGINT');
  expect(interrupted).toContain(`Continue with: gradsmith run ${file} --data ${data} --slots 2\n`);
  const store = await SqliteStore.open({ file: join(data, LEDGER_FILE) });
  const { job } = await new Ledger(store).readJob(jobId);
  // The first trial decided what `auto` stands for.
  for (const backend of ['wasm', 'cpu']) {
    const other = `${backend} of another version`;
    await store.commit(jobId, { expected: [], writes: [['job', JSON.stringify({ ...job, runtime: other })]] });
    const { code, stderr } = await gradsmith(['run', file, '--data', data, '--slots', '2']);
    expect(code).toBe(5);
    expect(stderr).toContain(`started on "${other}"`);
    expect(stderr).toContain(`this run is on "${backend} float32`);
  }
  await store.close();
  expect((await readTrials(data, jobId)).state).toBe('running');
}, 60_000);

test('ends with the fault if a record of the job is damaged while it runs', async () => {
  const data = folder();
  const file = jobFile(data, gaussians({ trials: TRIALS, epochs: 2_000 }));
  const jobId = await readJobId(data, file);
  const exited = waitForExit(start(['run', file, '--data', data, '--slots', '2']));
  const store = await SqliteStore.open({ file: join(data, LEDGER_FILE) });
  await vi.waitFor(async () => {
    const { trials } = await readTrials(data, jobId);
    expect(trials.find(({ id }) => id === '0')?.state).toBe('running');
  }, 60_000);
  await store.commit(jobId, { expected: [], writes: [['trial:0', '{']] });
  await store.close();
  const { code, stderr } = await exited;
  expect(code).toBe(1);
  expect(stderr).toContain('trial record');
}, 120_000);

test(
  'kill -9, Ctrl-C, and the same command again: exactly its trials, none run after its result was reported, ' +
    'all replayed',
  async () => {
    const data = folder();
    const file = jobFile(data, gaussians({ trials: TRIALS, epochs: 200, confirm: { top: 1, seeds: 2 } }));
    const jobId = await readJobId(data, file);
    expect(await runAndStop(file, data, jobId, 2, 'SIGKILL')).toMatchObject({ code: null });
    const reported = (await readTrials(data, jobId)).trials.filter(({ state }) => isSettled(state));
    expect(reported.length).toBeGreaterThanOrEqual(2);
    expect(await runAndStop(file, data, jobId, 5, 'SIGINT')).toMatchObject({ code: 130 });
    const { code, stdout } = await gradsmith(['run', file, '--data', data, '--slots', '2']);
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/^confirmed [+−]/m);
    // One plain line for each trial, also of the earlier runs.
    expect(stdout.match(/^\[ *\d+\/13\] /gm)).toHaveLength(ALL);

    const { trials, state } = await readTrials(data, jobId);
    expect(state).toBe('completed');
    const search = trials.filter(({ role }) => role === 'search');
    expect(search.map(({ number }) => number)).toEqual(Array.from({ length: TRIALS }, (_, n) => n));
    expect(trials).toHaveLength(ALL);
    for (const trial of trials) expect(trial.attempts.filter(({ outcome }) => outcome === 'reported')).toHaveLength(1);
    // Results that were reported before the kill are unchanged, with their attempts.
    for (const before of reported) expect(trials.find(({ id }) => id === before.id)).toEqual(before);
    // A trial that ran when the process was killed needed another attempt.
    expect(trials.some(({ attempts }) => attempts.length > 1)).toBe(true);

    const replayed = await gradsmith(['replay', jobId, '--data', data]);
    expect(replayed.stdout).toContain(`${TRIALS} of ${TRIALS} points reproduced bit for bit`);
  },
  180_000,
);

test('after kill -9 while baselines are tuned, the same command keeps their budget, and replay agrees', async () => {
  const data = folder();
  const confirm = { top: 1, seeds: 2, against: tuned, budget: 4 };
  const file = jobFile(data, gaussians({ trials: 3, epochs: 200, confirm }));
  const jobId = await readJobId(data, file);
  // The reference, three search trials, and two of the first baseline.
  expect(await runAndStop(file, data, jobId, 6, 'SIGKILL')).toMatchObject({ code: null });
  expect(await runAndStop(file, data, jobId, 9, 'SIGKILL')).toMatchObject({ code: null });
  const { code, stdout } = await gradsmith(['run', file, '--data', data, '--slots', '2']);
  expect(code, stdout).toBe(0);
  const { trials, state } = await readTrials(data, jobId);
  expect(state).toBe('completed');
  const baselines = trials.filter(({ role }) => role === 'baseline').map(({ id }) => id);
  const numbers = [0, 1, 2, 3];
  expect(baselines).toEqual([...numbers.map((n) => `constant-${n}`), ...numbers.map((n) => `learning-rate-${n}`)]);
  expect(trials).toHaveLength(1 + 3 + 8 + 2 * 4);
  expect(trials.some(({ role, attempts }) => role === 'baseline' && attempts.length > 1)).toBe(true);
  const replayed = await gradsmith(['replay', jobId, '--data', data]);
  expect(replayed.stdout).toContain('11 of 11 points reproduced bit for bit');
}, 180_000);
