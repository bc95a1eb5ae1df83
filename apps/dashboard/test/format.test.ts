import { expect, test } from 'vitest';
import { describeConfirmed, formatAge, formatDuration, formatValue } from '../src/parts/format.ts';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

test.each([
  [-5, '0 ms'],
  [999, '999 ms'],
  [999.7, '1 s'],
  [1_696, '1.7 s'],
  [2_999, '3 s'],
  [9_940, '9.9 s'],
  [9_960, '10 s'],
  [119 * SECOND, '119 s'],
  [2 * MINUTE, '2 min'],
  [119 * MINUTE, '119 min'],
  [2 * HOUR, '2 h'],
  [47 * HOUR, '47 h'],
  [2 * DAY, '2 d'],
])('a duration of %d ms is written as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('writes how long ago a time was as a duration', () => {
  const time = new Date(0).toISOString();
  const ages = [1_999, 5_300, 3 * HOUR].map((now) => formatAge(time, now));
  expect(ages).toEqual(['just now', '5 s ago', '3 h ago']);
});

test('writes a value that is not there as a dash, and only numbers with digits', () => {
  const write = (value: string | number | boolean | undefined) => formatValue(value, (number) => number.toFixed(2));
  expect([undefined, 0.5, 'gelu', false].map(write)).toEqual(['–', '0.50', 'gelu', 'false']);
});

test.each([
  [[0.034, 0.063], 'confirmed +0.049 [0.034, 0.063]'],
  [[-0.007, 0.099], 'not confirmed +0.046 [−0.007, 0.099]'],
  [[-0.05, -0.01], 'worse −0.030 [−0.050, −0.010]'],
] as const)('says what the interval %j of a gain means', (interval, text) => {
  // An interval is not broken into two lines.
  const unbroken = text.replace(', ', ',\u00a0');
  const mean = text.includes('−0.030') ? -0.03 : Number(/\+([\d.]+)/.exec(text)![1]);
  expect(describeConfirmed({ mean, interval: [...interval], seeds: 4 })).toBe(unbroken);
});

test('does not call the gain of one fresh seed confirmed', () => {
  expect(describeConfirmed({ mean: 0.034, interval: null, seeds: 1 })).toBe('on one fresh seed +0.034');
});
