import { join } from 'node:path';
import type { JobInput } from '@gradsmith/core/spec';
import type { Executed } from '@gradsmith/core/worker';
import { expect, test, vi } from 'vitest';
import { runOnWorkers, SLOTS, type TestWorker } from './cluster.ts';
import { folder } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const spec: JobInput = {
  name: 'mnist',
  objective: {
    kind: 'training',
    backend: 'wasm',
    dataset: { name: 'mnist', train: 100 },
    network: { name: 'cnn' },
    optimizer: { name: 'sgd', learningRate: 0.1 },
  },
  space: { rate: { at: '/optimizer/learningRate', type: 'float', low: 0.001, high: 1, scale: 'log' } },
  search: { algorithm: 'sobol', trials: 2, maxParallelism: 2 },
};
const worker: TestWorker = { backend: 'wasm', program: 'lacks-data.ts' };
const createEmpty = (): TestWorker => ({ ...worker, cacheDir: join(folder(), 'empty') });

/** A worker declines the trials that its slots started before the first one was declined, and takes no more of them. */
function expectFewDeclined(outcomes: readonly Executed[]): void {
  expect(outcomes.length).toBeLessThanOrEqual(SLOTS);
  expect(new Set(outcomes)).toEqual(new Set(outcomes.length ? ['declined'] : []));
}

test('a job whose data set no worker has fails once, with the command that fetches it', async () => {
  const { job, trials, outcomes } = await runOnWorkers(spec, [createEmpty(), createEmpty()]);
  expect(job.state).toBe('failed');
  expect(job.reason).toMatch(/^no live worker has its data\. .*Fetch it once with "gradsmith data mnist --cache/);
  expect(job.counts).toMatchObject({ failed: 0, complete: 0 });
  expect(trials.every(({ state }) => state === 'cancelled')).toBe(true);
  expectFewDeclined(outcomes[0]!);
  expectFewDeclined(outcomes[1]!);
});

test('another worker takes the trials of a job whose data set one worker lacks', async () => {
  const { job, outcomes } = await runOnWorkers(spec, [createEmpty(), worker]);
  expect(job).toMatchObject({ state: 'completed', counts: { complete: 2, failed: 0 } });
  expectFewDeclined(outcomes[0]!);
});
