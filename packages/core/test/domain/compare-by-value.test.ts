import { expect, test } from 'vitest';
import { compareByValue } from '../../src/domain/index.ts';

const trials = [
  { number: 3, value: 2 },
  { number: 0, value: 2 },
  { number: 1, value: -1.5e308 },
  { number: 2, value: 1.5e308 },
];

test('sorts the best trial first, and equal ones by number', () => {
  const rank = (direction: 'minimize' | 'maximize'): number[] =>
    trials.toSorted(compareByValue(direction)).map(({ number }) => number);
  expect(rank('minimize')).toEqual([1, 0, 3, 2]);
  expect(rank('maximize')).toEqual([2, 0, 3, 1]);
});
