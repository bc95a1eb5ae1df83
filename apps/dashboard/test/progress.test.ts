import type { TrialResource } from '@gradsmith/contract';
import { expect, test } from 'vitest';
import { getRetryPause } from '../src/app/query-client.ts';
import { listReported } from '../src/figures/list-reported.ts';
import { addReports, estimateTimeLeft, listValues, type Observation } from '../src/job/use-progress.ts';

const running = (progress: TrialResource['progress']): TrialResource =>
  ({ attempts: [{ id: 'a', startedAt: new Date(0).toISOString() }], progress }) as unknown as TrialResource;
const add = (before: ReadonlyMap<string, readonly Observation[]>, progress: TrialResource['progress'], now: number) =>
  addReports(before, [running(progress)], now);

test('collects the mean loss between two reports of a training', () => {
  let seen = add(new Map(), null, 500);
  seen = add(seen, { step: 10, partialSum: 20 }, 1_000);
  seen = add(seen, { step: 10, partialSum: 20 }, 2_000);
  seen = add(seen, { step: 30, partialSum: 40 }, 3_000);
  expect(listValues(seen.get('a')!)).toEqual([2, 1]);
});

test('collects the values that a program reports, and forgets attempts that no longer run', () => {
  let seen = add(new Map(), { step: 1, value: 0.5 }, 1_000);
  seen = add(seen, { step: 2, value: 0.75 }, 2_000);
  expect(listValues(seen.get('a')!)).toEqual([0.5, 0.75]);
  expect(addReports(seen, [], 3_000).size).toBe(0);
});

test('estimates the time that is left from the recent pace', () => {
  expect(estimateTimeLeft([], 100)).toBeNull();
  const at = (step: number, ms: number): Observation => ({ step, total: 0, isSum: true, at: ms });
  expect(estimateTimeLeft([at(0, 0), at(20, 2_000)], 100)).toBe(8_000);
  // Ten steps took 10 s each at first, and 1 s lately.
  const slowed = [at(0, 0), at(10, 100_000), ...Array.from({ length: 8 }, (_, i) => at(11 + i, 100_000 + i * 1_000))];
  expect(estimateTimeLeft(slowed, 28)).toBe(10_000);
});

test('draws the curve of a running trial from what its last attempt with reports has reported', () => {
  const attempt = { values: [], losses: [] };
  const losses = [
    { step: 2, value: 1 },
    { step: 3, value: 0.5 },
  ];
  expect(listReported({ attempts: [{ ...attempt, losses }, attempt] } as never)).toEqual([1, 1, 0.5]);
  expect(listReported({ attempts: [{ ...attempt, values: losses }] } as never)).toEqual([1, 0.5]);
  expect(listReported({ attempts: [] } as never)).toEqual([]);
});

test('failures double the pause between reads, up to half a minute', () => {
  expect([0, 1, 2, 3, 4, 9].map(getRetryPause)).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});
