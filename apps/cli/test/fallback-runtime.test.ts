import { join } from 'node:path';
import { ThreadSuggester } from '@gradsmith/compute';
import { runCoordinator } from '@gradsmith/core/coordinator';
import { isActive, type TrialRecord } from '@gradsmith/core/domain';
import { createJob } from '@gradsmith/core/jobs';
import { systemClock } from '@gradsmith/core/ports';
import { parseJob } from '@gradsmith/core/spec';
import { LocalDispatcher, LocalSignals, LocalWorkerRegistry } from '@gradsmith/embedded';
import { MemoryLog, waitUntil } from '@gradsmith/testing';
import { WorkerTrainers } from '@gradsmith/training/process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openLedger } from '../src/embedded/open.ts';
import { folder, root } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Runs a job on a machine where the default runtime ends the process in each of its trainings. */
async function runJob(modes: ConstructorParameters<typeof WorkerTrainers>[0]['modes']) {
  const ledger = await openLedger(folder());
  const log = new MemoryLog();
  const [dispatcher, workers, signals] = [new LocalDispatcher(log), new LocalWorkerRegistry(), new LocalSignals()];
  const suggester = new ThreadSuggester();
  const entry = join(root, 'packages/training/test/process/crashes-by-default.ts');
  const trainers = new WorkerTrainers({ backend: 'tensorflow', slots: 1, cacheDir: folder(), log, entry, modes });
  const stop = new AbortController();
  const deps = { ledger, dispatcher, workers, signals, clock: systemClock, log, name: 'w' };
  await createJob(
    ledger,
    'job_f',
    parseJob({
      name: 'crashes',
      objective: {
        kind: 'training',
        backend: 'tensorflow',
        dataset: { name: 'two-gaussians', train: 100 },
        network: { name: 'mlp' },
        optimizer: { name: 'sgd', learningRate: 0.1 },
      },
      space: { rate: { at: '/optimizer/learningRate', type: 'float', low: 0.001, high: 1, scale: 'log' } },
      search: { algorithm: 'sobol', trials: 3 },
      limits: { attempts: 1, backoff: '10ms' },
    }),
  );
  const times = { leaseMs: 10_000, trialLeaseMs: 10_000, everyMs: 50 };
  const running = [
    trainers.run({ ...deps, leaseMs: 10_000 }, stop.signal),
    runCoordinator({ ...deps, suggester, owner: 'c', ...times }, stop.signal),
  ];
  onTestFinished(async () => {
    stop.abort();
    await Promise.all(running);
    await Promise.all([trainers.close(), suggester.close(), dispatcher.close(), signals.close()]);
    await ledger.close();
  });
  const { job } = await waitUntil(async () => {
    const view = await ledger.readJob('job_f');
    return isActive(view.job.state) ? null : view;
  }, 50_000);
  return { job, trials: await ledger.readAllTrials(job), log };
}

const listOutcomes = (trials: readonly TrialRecord[]): string[][] =>
  trials.map(({ attempts }) => attempts.map(({ outcome }) => outcome));

test('continues a job whose network crashes on the runtime of the mode in which it trains', async () => {
  const probed: string[] = [];
  const { job, trials, log } = await runJob({
    readFallback: () => undefined,
    findFallback: async ({ network }) => {
      probed.push(JSON.stringify(network));
      return { kind: 'fallback', mode: { options: '0' } };
    },
  });
  expect(job).toMatchObject({ state: 'completed', runtime: 'test onednn=off', counts: { complete: 3, failed: 0 } });
  expect(probed).toHaveLength(1);
  expect(listOutcomes(trials.filter(({ role }) => role === 'search')).flat()).toContain('reported');
  expect(trials.flatMap(({ attempts }) => attempts.map(({ reason }) => reason)).filter(Boolean)).toEqual([
    expect.stringMatching(
      /was killed by SIGFPE\nIt ran on: test\. One step of its network crashes again there, and works on: test onednn=off\./,
    ),
  ]);
  expect(JSON.stringify(log)).toContain('job continues on another runtime');
});

test('offers the fallback runtime that an earlier crash has led to from the start', async () => {
  const workers = new WorkerTrainers({
    backend: 'tensorflow',
    slots: 1,
    cacheDir: folder(),
    log: new MemoryLog(),
    entry: join(root, 'packages/training/test/process/crashes-by-default.ts'),
    modes: { readFallback: () => ({ options: '0' }), findFallback: async () => ({ kind: 'works' }) },
  });
  onTestFinished(() => workers.close());
  expect((await workers.start()).map(({ runtime }) => runtime)).toEqual(['test', 'test onednn=off']);
});

test('fails a job whose network crashes in every mode, with what was tried', async () => {
  const { job } = await runJob({
    readFallback: () => undefined,
    findFallback: async () => ({ kind: 'none', tried: ['TF_ENABLE_ONEDNN_OPTS=0: SIGFPE'] }),
  });
  expect(job).toMatchObject({ state: 'failed', runtime: 'test' });
  expect(job.reason).toContain('One step of its network crashes, too: TF_ENABLE_ONEDNN_OPTS=0: SIGFPE.');
});
