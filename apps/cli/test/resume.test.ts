import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { TrialRecord } from '@gradsmith/core';
import { expect, onTestFinished, test } from 'vitest';
import { openLedger } from '../src/embedded/open.ts';
import { embeddedJobId } from '../src/embedded/run-embedded.ts';
import { readJobFile } from '../src/job-file.ts';

const root = new URL('../../..', import.meta.url).pathname;
const main = join(root, 'apps/cli/src/main.ts');
const jobFile = join(root, 'examples/two-gaussians.yaml');

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'gradsmith-run-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

/** Runs the job until `lines` trials have been printed, then ends the process by the signal. */
async function runAndStop(data: string, lines: number, signal: NodeJS.Signals): Promise<number | null> {
  const child = spawn(process.execPath, [main, 'run', jobFile, '--data', data, '--slots', '2'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let seen = 0;
  for await (const line of createInterface(child.stdout)) {
    if (/^[█░]/.test(line) && (seen += 1) === lines) child.kill(signal);
  }
  return new Promise((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve(child.exitCode) : child.on('exit', resolve)));
}

async function trialsOf(data: string): Promise<{ jobId: string; trials: TrialRecord[]; state: string }> {
  const ledger = await openLedger(data);
  const jobId = embeddedJobId(readJobFile(jobFile));
  const { job } = await ledger.job(jobId);
  const trials = await ledger.allTrials(job);
  await ledger.store.close();
  return { jobId, trials, state: job.state };
}

test('kill -9, Ctrl-C, and the same command again: exactly its trials, none run after its result was told, all replayed', async () => {
  const data = folder();
  await runAndStop(data, 4, 'SIGKILL');
  const told = (await trialsOf(data)).trials.filter(({ state }) => state === 'complete' || state === 'diverged');
  expect(told.length).toBeGreaterThanOrEqual(4);
  expect(await runAndStop(data, 3, 'SIGINT')).toBe(130);
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'run', jobFile, '--data', data, '--slots', '2']);
  expect(stdout).toContain('confirmed gain');

  const { jobId, trials, state } = await trialsOf(data);
  expect(state).toBe('completed');
  const search = trials.filter(({ role }) => role === 'search');
  expect(search.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  for (const trial of trials) expect(trial.attempts.filter(({ outcome }) => outcome === 'told')).toHaveLength(1);
  // What was told before the kill stands as it was, attempt for attempt.
  for (const before of told) expect(trials.find(({ id }) => id === before.id)).toEqual(before);
  // What ran when the process was killed needed another attempt.
  expect(trials.some(({ attempts }) => attempts.length > 1)).toBe(true);

  const replayed = await promisify(execFile)(process.execPath, [main, 'replay', jobId, '--data', data]);
  expect(replayed.stdout).toContain('20 of 20 points reproduced bit for bit');
}, 180_000);
