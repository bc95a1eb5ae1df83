import { expect, test } from 'vitest';
import type { JobRecord } from '../../src/domain/job-record.ts';
import { addPause, addSettledTime, MAX_RECENT, measurePace } from '../../src/domain/pace.ts';

test('keeps the latest times', () => {
  let times: number[] = [];
  for (let at = 0; at < 40; at++) times = addSettledTime(times, at);
  expect(times).toHaveLength(MAX_RECENT);
  expect(times.at(-1)).toBe(39);
});

const makeJob = (changes: Partial<JobRecord>): JobRecord =>
  ({
    startedAt: 0,
    finishedAt: null,
    counts: { complete: 3, pruned: 0, diverged: 0, failed: 0 },
    ...changes,
  }) as JobRecord;

test('a pause begins when the last trial has settled, and is none if trials still run', () => {
  const job = makeJob({ settledTimes: [10, 110], pausedAt: 100 });
  expect(addPause(job, 150, false)).toEqual([[110, 150]]);
  expect(addPause(job, 150, true)).toEqual([]);
  expect(addPause(makeJob({ settledTimes: [10], pauses: [[1, 2]] }), 150, false)).toEqual([[1, 2]]);
});

test('measures the pace of all roles without pauses, and while a job is paused, until its last trial settled', () => {
  const job = makeJob({ settledTimes: [10, 20, 30], extraTimes: [5], pauses: [[50, 150]] });
  expect(measurePace(job, 200)).toEqual({ settled: 4, workedMs: 100 });
  expect(measurePace(makeJob({ settledTimes: [10, 20, 30], pausedAt: 20 }), 1_000)).toEqual({
    settled: 3,
    workedMs: 30,
  });
  expect(measurePace(makeJob({ startedAt: null }), 200)).toBeNull();
});

test('measures the pace of a running job by its latest trials, whatever their roles', () => {
  const settledTimes = Array.from({ length: MAX_RECENT }, (_, i) => 100 + i);
  const extraTimes = [200, 210, 220];
  expect(measurePace(makeJob({ settledTimes, extraTimes }), 300)).toEqual({
    settled: MAX_RECENT - 1,
    workedMs: 300 - 103,
  });
});
