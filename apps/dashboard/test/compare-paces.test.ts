import type { WorkerResource } from '@gradsmith/contract';
import { expect, test } from 'vitest';
import { formatBytes, formatMeanTime } from '../src/parts/format.ts';
import { comparePaces } from '../src/workers/compare-paces.ts';

type Job = NonNullable<WorkerResource['recent']>['jobs'][number];

const create = (id: string, ...jobs: Job[]): WorkerResource =>
  ({ id, recent: { windowMs: 60_000, trials: 9, jobs } }) as unknown as WorkerResource;
const steps = (job: string, msPerStep: number | null, msPerTrial: number | null = null, trials = 5): Job => ({
  job,
  trials,
  msPerTrial,
  steps: 10,
  msPerStep,
});

test('compares the time of a step with the median of the other workers in the same job', () => {
  const paces = comparePaces([
    create('fast', steps('a', 2)),
    create('slow', steps('a', 9), steps('b', 100)),
    create('middle', steps('a', 4)),
    { id: 'old', recent: null } as unknown as WorkerResource,
  ]);
  expect(paces.get('slow')).toEqual([
    { job: 'a', unit: 'step', ms: 9, ratio: 3 },
    { job: 'b', unit: 'step', ms: 100, ratio: null },
  ]);
  expect(paces.get('fast')![0]!.ratio).toBeCloseTo(2 / 6.5);
  expect(paces.get('old')).toEqual([]);
});

test('does not compare what was measured of a few short trials', () => {
  const ratio = (job: Job) => comparePaces([create('x', job), create('y', steps('a', 2))]).get('x')![0]!.ratio;
  expect(ratio(steps('a', 8, 100, 4))).toBeNull();
  expect(ratio(steps('a', 8, 100, 5))).toBe(4);
  // Long ones tell something before they are complete.
  expect(ratio(steps('a', 999, null, 0))).toBeNull();
  expect(ratio(steps('a', 1_000, null, 0))).toBe(500);
  expect(comparePaces([create('x', steps('a', 2)), create('y', steps('a', 8, 100, 4))]).get('x')![0]!.ratio).toBeNull();
});

test('compares trials if no other worker has reported steps', () => {
  const paces = comparePaces([
    create('x', steps('a', 2, 50)),
    create('y', steps('a', null, 100)),
    create('z', steps('a', null)),
  ]);
  expect(paces.get('x')).toEqual([{ job: 'a', unit: 'trial', ms: 50, ratio: 0.5 }]);
  expect(paces.get('y')).toEqual([{ job: 'a', unit: 'trial', ms: 100, ratio: 2 }]);
  expect(paces.get('z')).toEqual([]);
});

test('formats mean times and sizes', () => {
  expect([0.1234, 3.21, 45.6, 320, 12_345].map(formatMeanTime)).toEqual([
    '0.12 ms',
    '3.2 ms',
    '46 ms',
    '320 ms',
    '12 s',
  ]);
  expect([300 * 2 ** 20, 1.5 * 2 ** 30].map(formatBytes)).toEqual(['300 MiB', '1.5 GiB']);
});
