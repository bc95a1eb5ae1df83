import type { TrialResource } from '@gradsmith/contract';
import { expect, test } from 'vitest';
import { getRetryPause } from '../src/app/query-client.ts';
import { listReported } from '../src/figures/list-reported.ts';
import { addReports, estimateTimeLeft, type Observation } from '../src/job/use-progress.ts';

const running = (progress: TrialResource['progress']): TrialResource =>
  ({ attempts: [{ id: 'a', startedAt: new Date(0).toISOString() }], progress }) as unknown as TrialResource;
const add = (before: ReadonlyMap<string, readonly Observation[]>, progress: TrialResource['progress'], now: number) =>
  addReports(before, [running(progress)], now);

test('keeps the latest reports of running attempts, and forgets attempts that no longer run', () => {
  let seen = add(new Map(), null, 500);
  seen = add(seen, { step: 10, partialSum: 20 }, 1_000);
  seen = add(seen, { step: 10, partialSum: 20 }, 2_000);
  seen = add(seen, { step: 30, partialSum: 40 }, 3_000);
  expect(seen.get('a')).toEqual([
    { step: 0, at: 0 },
    { step: 10, at: 1_000 },
    { step: 30, at: 3_000 },
  ]);
  expect(addReports(seen, [], 3_000).size).toBe(0);
});

test('estimates the time that is left from the recent pace, without the start-up', () => {
  const at = (step: number, ms: number): Observation => ({ step, at: ms });
  expect(estimateTimeLeft([], 100, 0)).toBeNull();
  // Reports of a short time say little about the pace of the steps: the page sees them late.
  expect(estimateTimeLeft([at(0, 0), at(20, 4_000), at(40, 6_000)], 100, 6_000)).toBeNull();
  expect(estimateTimeLeft([at(0, 0), at(20, 4_000), at(40, 14_000)], 100, 14_000)).toBe(30_000);
  expect(estimateTimeLeft([at(0, 0), at(20, 100_000)], 100, 100_000)).toBe(400_000);
  // Ten steps took 10 s each at first, and 4 s lately.
  const slowed = [at(0, 0), ...Array.from({ length: 8 }, (_, i) => at(11 + i, 100_000 + i * 4_000))];
  expect(estimateTimeLeft(slowed, 28, 128_000)).toBe(40_000);
});

test('counts the time since the last report', () => {
  const seen = [
    { step: 0, at: 0 },
    { step: 20, at: 4_000 },
    { step: 40, at: 14_000 },
  ];
  expect(estimateTimeLeft(seen, 100, 16_500)).toBe(27_500);
  expect(estimateTimeLeft(seen, 100, 99_000)).toBe(0);
});

test('has the points that the last attempt with reports has reported, losses at the middle of their steps', () => {
  const attempt = { values: [], losses: [] };
  const reports = [
    { step: 877, value: 0.1136 },
    { step: 1753, value: 0.0936 },
  ];
  const values = [0.1136, 0.0936];
  expect(listReported({ attempts: [{ ...attempt, losses: reports }, attempt] } as never)).toEqual({
    steps: [439, 1315.5],
    values,
  });
  expect(listReported({ attempts: [{ ...attempt, values: reports }] } as never)).toEqual({
    steps: [877, 1753],
    values,
  });
  expect(listReported({ attempts: [] } as never)).toEqual({ steps: [], values: [] });
});

test('failures double the pause between reads, up to half a minute', () => {
  expect([0, 1, 2, 3, 4, 9].map(getRetryPause)).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});
