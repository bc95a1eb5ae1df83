import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ThreadSuggester } from '@gradsmith/compute';
import { runCoordinator } from '@gradsmith/core/coordinator';
import { isActive, type TrialRecord } from '@gradsmith/core/domain';
import { createJob, readJobStatus, steerJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { systemClock } from '@gradsmith/core/ports';
import { parseJob, type JobInput } from '@gradsmith/core/spec';
import { askTrial } from '@gradsmith/core/trials';
import { connectRedis, type RedisPorts } from '@gradsmith/redis';
import { MemoryLog, startRedis, waitUntil, type TestRedis } from '@gradsmith/testing';
import { listModules } from '@gradsmith/training/modules';
import { runModules } from '@gradsmith/training/modules';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { parse } from 'yaml';
import { waitForExit, folder, jobFile, root, start } from '../support.ts';

vi.setConfig({ testTimeout: 120_000 });

const example = parse(readFileSync(join(root, 'examples/quadratic.yaml'), 'utf8')) as JobInput;
const acts = (options: Record<string, string | boolean>, limits: object, trials = 4): JobInput => ({
  name: 'acts',
  objective: { kind: 'module', module: 'acts', metric: { name: 'x', direction: 'minimize' }, options },
  space: { x: { type: 'float', low: 0, high: 1 } },
  search: { algorithm: 'sobol', trials, maxParallelism: 2 },
  limits: { backoff: '10ms', ...limits },
});

let redis: TestRedis;
beforeAll(async () => void (redis = await startRedis(process.env)), 60_000);
afterAll(() => redis.stop());

/** Starts a coordinator over Redis, as it is deployed. The worker is started separately. */
async function service(): Promise<{
  ports: RedisPorts;
  ledger: Ledger;
  executed: string[];
  offer(modules: string): Promise<void>;
}> {
  const log = new MemoryLog();
  const ports = await connectRedis({ url: redis.url, prefix: `test-${randomUUID()}` }, log);
  const ledger = new Ledger(ports.store);
  const suggester = new ThreadSuggester();
  const stop = new AbortController();
  const executed: string[] = [];
  const shared = {
    ledger,
    dispatcher: ports.dispatcher,
    workers: ports.workers,
    signals: ports.signals,
    clock: systemClock,
    log,
  };
  const running = [
    runCoordinator(
      { ...shared, suggester, owner: 'coordinator', leaseMs: 10_000, trialLeaseMs: 10_000, everyMs: 200 },
      stop.signal,
    ),
  ];
  onTestFinished(async () => {
    stop.abort();
    await Promise.all(running);
    await suggester.close();
    await ports.close();
  }, 60_000);
  const offer = async (modules: string): Promise<void> => {
    running.push(
      runModules(
        {
          ...shared,
          modules: await listModules(join(root, modules)),
          slots: 2,
          name: 'worker',
          leaseMs: 10_000,
          onExecuted: (_, how) => void executed.push(how),
        },
        stop.signal,
      ),
    );
  };
  return { ports, ledger, executed, offer };
}

async function finished(
  ledger: Ledger,
  id: string,
): Promise<{ counts: Record<string, number>; state: string; reason: string | null; trials: TrialRecord[] }> {
  const { job } = await waitUntil(async () => {
    const view = await ledger.readJob(id);
    return isActive(view.job.state) ? null : view;
  }, 100_000);
  return { counts: job.counts, state: job.state, reason: job.reason, trials: [...(await ledger.readAllTrials(job))] };
}

const outcomes = ({ attempts }: TrialRecord): string[] => attempts.map(({ outcome }) => outcome);

test('waits with twenty trials for a worker that offers the module, and counts them exactly', async () => {
  const { ports, ledger, offer } = await service();
  await createJob(ledger, 'job_q', parseJob(example));
  await waitUntil(async () => (await ledger.readJob('job_q')).job.state === 'running');
  await offer('apps/cli/test/modules');
  await waitUntil(async () => (await ports.workers.listLive()).some(({ runtime }) => runtime === 'module-acts'));
  expect(await readJobStatus(ledger, 'job_q', await ports.workers.listLive())).toMatchObject({
    workers: 0,
    settled: 0,
    counts: { pending: 0, running: 0 },
  });
  // No other worker can execute its trials.
  await expect(askTrial(ledger, 'job_q', randomUUID(), 'program', { leaseMs: 1_000 })).rejects.toThrow(
    'workers execute',
  );

  await offer('examples/modules');
  const { state, counts, trials } = await finished(ledger, 'job_q');
  expect(state).toBe('completed');
  expect(counts.complete! + counts.pruned!).toBe(20);
  expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, number) => number));
  const { job } = await ledger.readJob('job_q');
  expect(job.runtime).toBe('module-quadratic');
  for (const trial of trials) {
    expect(outcomes(trial)).toEqual(['reported']);
    const { x, y } = trial.point as { x: number; y: number };
    const after = (steps: number): number => Math.hypot((x - 1) * 0.9 ** steps, (y - 2) * 0.95 ** steps);
    if (trial.state === 'complete') expect(trial.result!.value).toBeCloseTo(after(20), 10);
    else expect(trial.pruning).not.toBeNull();
  }
  expect(job.best!.value).toBe(
    Math.min(...trials.filter(({ state }) => state === 'complete').map(({ result }) => result!.value)),
  );
});

test.each([
  ['throw', 'The module threw Error: no luck', {}],
  ['exit', "The module's process exited with code 0", {}],
  ['hang', 'The module took longer than 5 s.', { trialTimeout: '5s' }],
])(
  'trials whose module does %s are tried again, then fail; the others are not touched',
  async (act, reason, limits) => {
    const { ledger, offer } = await service();
    await offer('apps/cli/test/modules');
    await createJob(ledger, 'job_a', parseJob(acts({ act, once: true }, { attempts: 2, ...limits })));
    const { state, counts, trials } = await finished(ledger, 'job_a');
    expect(state).toBe('completed');
    expect(counts).toMatchObject({ complete: 2, failed: 2, pending: 0, running: 0 });
    for (const trial of trials) {
      const lucky = (trial.point.x as number) < 0.5;
      expect(outcomes(trial)).toEqual(lucky ? ['reported'] : ['failed', 'failed']);
      if (!lucky) expect(trial.reason).toContain(reason);
    }
  },
);

test('fails a job with more failed trials than it allows', async () => {
  const { ledger, offer } = await service();
  await offer('apps/cli/test/modules');
  await createJob(ledger, 'job_f', parseJob(acts({ act: 'throw', once: false }, { attempts: 1, maxFailures: 1 }, 10)));
  expect(await finished(ledger, 'job_f')).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('no luck'),
    counts: { failed: 2, complete: 0 },
  });
});

test('ends the module of a job that is cancelled', async () => {
  const { ledger, executed, offer } = await service();
  await offer('apps/cli/test/modules');
  await createJob(ledger, 'job_c', parseJob(acts({ act: 'hang', once: false }, {})));
  await waitUntil(async () => (await ledger.readJob('job_c')).job.counts.running === 2);
  await steerJob(ledger, 'job_c', 'cancel');
  // Without the cancellation, the process would run for half an hour.
  await waitUntil(() => executed.length === 2, 20_000);
  expect(executed).toEqual(['cancelled', 'cancelled']);
  expect((await finished(ledger, 'job_c')).counts).toMatchObject({ cancelled: 2, running: 0 });
});

test('gradsmith run runs a module from the folder that is named, and from no other', async () => {
  const cwd = folder();
  const run = (...args: string[]) =>
    waitForExit(
      start(['run', join(root, 'examples/quadratic.yaml'), '--slots', '2', '--no-report', '--json', ...args], { cwd }),
    );
  const without = await run();
  expect([without.code, without.stderr]).toEqual([
    2,
    expect.stringContaining('say with --modules in which folder quadratic is'),
  ]);
  const elsewhere = await run('--modules', join(root, 'apps/cli/test/modules'));
  expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining('quadratic is not in')]);
  const there = await run('--modules', join(root, 'examples/modules'));
  expect([there.code, there.stderr]).toEqual([0, '']);
  const { job } = JSON.parse(there.stdout.trim().split('\n').at(-1)!) as {
    job: { state: string; settled: number; metric: string; best: { value: number } };
  };
  expect(job).toMatchObject({ state: 'completed', settled: 20, metric: 'distance' });
  expect(job.best.value).toBeLessThan(0.5);
});

test('refuses a job whose module is a path, at its place in the file', async () => {
  const { code, stderr } = await waitForExit(
    start([
      'validate',
      jobFile(folder(), JSON.stringify({ ...example, objective: { ...example.objective, module: '../quadratic' } })),
    ]),
  );
  expect([code, stderr]).toEqual([2, expect.stringContaining('it is a name, not a path')]);
});
