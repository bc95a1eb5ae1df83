import { expect, test } from 'vitest';
import { compareTrialValues, type TrialState } from '../../src/domain/index.ts';

test('ranks bounds and invalidated values after measured values', () => {
  const trials: { state: TrialState; value: number | null }[] = [
    { state: 'pruned', value: 0.1 },
    { state: 'failed', value: null },
    { state: 'complete', value: 2 },
    { state: 'cancelled', value: 0 },
    { state: 'diverged', value: 6 },
    { state: 'pruned', value: 9 },
    { state: 'complete', value: 1 },
    { state: 'running', value: null },
  ];
  const sorted = (order: 'ascending' | 'descending') =>
    trials.toSorted((a, b) => compareTrialValues(a, b, order)).map(({ value }) => value);
  expect(sorted('ascending')).toEqual([1, 2, 6, 0, 0.1, 9, null, null]);
  expect(sorted('descending')).toEqual([6, 2, 1, 9, 0.1, 0, null, null]);
});
