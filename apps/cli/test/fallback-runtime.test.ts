import type { TrialRecord } from '@gradsmith/core/domain';
import type { JobInput } from '@gradsmith/core/spec';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createTrainers, runOnWorkers, type TestWorker } from './cluster.ts';

vi.setConfig({ testTimeout: 60_000 });

const spec: JobInput = {
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
};

/** A worker on a machine where the default runtime ends the process in each training. */
const createWorker = (modes: TestWorker['modes']): TestWorker => ({
  backend: 'tensorflow',
  program: 'crashes-by-default.ts',
  modes,
});
const runJob = (modes: TestWorker['modes']) => runOnWorkers(spec, [createWorker(modes)]);

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
  expect(probed.length).toBeLessThanOrEqual(2);
  expect(listOutcomes(trials.filter(({ role }) => role === 'search')).flat()).toContain('reported');
  const reasons = trials.flatMap(({ attempts }) => attempts.map(({ reason }) => reason)).filter(Boolean);
  expect(reasons[0]).toMatch(
    /SIGFPE\nIt ran on: test\. One step of its network crashes again there, and works on: test onednn=off\./,
  );
  expect(JSON.stringify(log)).toContain('job continues on another runtime');
});

test('offers the fallback runtime that an earlier crash has led to from the start', async () => {
  const workers = createTrainers(
    createWorker({ readFallback: () => ({ options: '0' }), findFallback: async () => ({ kind: 'works' }) }),
  );
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
