import type { WorkerResource } from '@gradsmith/contract';
import { expect, test } from 'vitest';
import { formatBytes, formatMeanTime } from '../src/parts/format.ts';
import { comparePaces, findJudged, findSlow } from '../src/workers/compare-paces.ts';

type Job = NonNullable<WorkerResource['recent']>['jobs'][number];

/** A worker that has trained these jobs, the latest first, and trains `now`. */
const create = (id: string, jobs: Job[], now: string[] = []): WorkerResource => {
  const trials = now.map((job) => ({ job, trial: '0' }));
  return { id, name: id, trials, recent: { windowMs: 60_000, trials: 9, jobs } } as unknown as WorkerResource;
};
const steps = (job: string, msPerStep: number, count = 10_000): Job => ({
  job,
  trials: 0,
  msPerTrial: null,
  steps: count,
  msPerStep,
});
const trials = (job: string, msPerTrial: number, count: number): Job => ({
  job,
  trials: count,
  msPerTrial,
  steps: 0,
  msPerStep: null,
});

/** Returns the workers that are called slow, each with its job and ratio. */
const listSlow = (...workers: WorkerResource[]): Record<string, string> =>
  Object.fromEntries(
    [...comparePaces(workers)].flatMap(([id, paces]) => {
      const slow = findSlow(paces);
      return slow ? [[id, `${slow.job} ${slow.ratio}`]] : [];
    }),
  );

test('compares the time of a step with the median of the other workers in the same job', () => {
  const paces = comparePaces([
    create('fast', [steps('a', 2)]),
    create('slow', [steps('a', 9), steps('b', 100)]),
    create('middle', [steps('a', 4)]),
    { id: 'old', trials: [], recent: null } as unknown as WorkerResource,
  ]);
  const against = 'the median of the other workers';
  expect(paces.get('slow')).toEqual([
    { job: 'a', unit: 'step', ms: 9, ratio: 3, against, isEnough: true, isShared: false },
    { job: 'b', unit: 'step', ms: 100, ratio: null, against, isEnough: false, isShared: false },
  ]);
  expect(paces.get('fast')![0]!.ratio).toBeCloseTo(2 / 6.5);
  expect(paces.get('old')).toEqual([]);
});

test('names the only other worker that a pace is compared with', () => {
  const paces = comparePaces([create('x', [steps('a', 8)]), create('y', [steps('a', 2)]), create('z', [])]);
  expect(paces.get('x')).toMatchObject([{ ratio: 4, against: 'the time of y' }]);
  expect(paces.get('y')).toMatchObject([{ ratio: 0.25, against: 'the time of x' }]);
});

test('calls no worker slow for a few seconds, steps or trials of a job', () => {
  expect(listSlow(create('x', [steps('a', 8, 1_249)]), create('y', [steps('a', 2, 10_000)]))).toEqual({});
  expect(listSlow(create('x', [steps('a', 8, 1_250)]), create('y', [steps('a', 2, 4_999)]))).toEqual({});
  expect(listSlow(create('x', [steps('a', 8, 1_250)]), create('y', [steps('a', 2, 5_000)]))).toEqual({ x: 'a 4' });
  expect(listSlow(create('x', [steps('a', 8_000, 9)]), create('y', [steps('a', 2)]))).toEqual({});
  expect(listSlow(create('x', [trials('a', 8_000, 4)]), create('y', [trials('a', 4_000, 9)]))).toEqual({});
  expect(listSlow(create('x', [trials('a', 8_000, 5)]), create('y', [trials('a', 4_000, 9)]))).toEqual({ x: 'a 2' });
  expect(listSlow(create('x', [trials('a', 800, 5)]), create('y', [trials('a', 400, 9)]))).toEqual({});
});

test('judges a worker by the job that it trains now, then by the one that it trained last', () => {
  const [x, y] = [
    [steps('short', 19), steps('a', 2), steps('b', 3)],
    [steps('short', 10), steps('b', 2), steps('a', 12)],
  ];
  expect(listSlow(create('x', x, ['a']), create('y', y, ['a']))).toEqual({ y: 'a 6' });
  expect(listSlow(create('x', x), create('y', y))).toEqual({ x: 'short 1.9' });
  expect(listSlow(create('x', x.slice(1)), create('y', y.slice(1)))).toEqual({});
});

test('does not call the faster one slow in a job that both train now, however little was measured of it', () => {
  const before = { x: steps('before', 19), y: steps('before', 10) };
  const slow = { x: 'before 1.9' };
  expect(listSlow(create('x', [before.x], ['a']), create('y', [before.y], ['a']))).toEqual(slow);
  const [x, y] = [
    [steps('a', 2, 100), before.x],
    [steps('a', 12, 20), before.y],
  ];
  expect(listSlow(create('x', x, ['a']), create('y', y, ['a']))).toEqual({});
  expect(listSlow(create('x', x), create('y', y, ['a']))).toEqual(slow);
});

test('calls at most one of two workers slow in the same job', () => {
  const both = (fast: number, slow: number): Job => ({ ...steps('a', fast), trials: 9, msPerTrial: slow });
  expect(listSlow(create('x', [both(2, 9_000)]), create('y', [both(4, 3_000)]))).toEqual({ y: 'a 2' });
});

test('compares trials if no other worker has reported enough steps', () => {
  const paces = comparePaces([
    create('x', [{ ...steps('a', 2), trials: 5, msPerTrial: 5_000 }]),
    create('y', [trials('a', 10_000, 5)]),
    create('z', [{ ...trials('a', 0, 0), msPerTrial: null }]),
  ]);
  expect(paces.get('x')).toMatchObject([{ job: 'a', unit: 'trial', ms: 5_000, ratio: 0.5 }]);
  expect(paces.get('y')).toMatchObject([{ job: 'a', unit: 'trial', ms: 10_000, ratio: 2 }]);
  expect(paces.get('z')).toEqual([]);
  expect(findJudged(paces.get('y')!)).toBe(paces.get('y')![0]);
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
