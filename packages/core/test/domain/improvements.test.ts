import { expect, test } from 'vitest';
import { addImprovement, MAX_IMPROVEMENTS } from '../../src/domain/improvements.ts';
import type { Improvement } from '../../src/domain/job-record.ts';

test('keeps the first and the latest of many improvements, and drops the smallest ones', () => {
  let improvements: Improvement[] = [];
  // Every tenth improvement is large.
  for (let n = 1, value = 0; n <= 200; n++)
    improvements = addImprovement(improvements, [n, (value -= n % 10 === 0 ? 5 : 0.01)]);
  expect(improvements).toHaveLength(MAX_IMPROVEMENTS);
  expect(improvements[0]![0]).toBe(1);
  expect(improvements.at(-1)![0]).toBe(200);
  const kept = new Set(improvements.map(([settled]) => settled));
  for (let n = 20; n <= 200; n += 10) expect(kept).toContain(n);
  expect(improvements.map(([, value]) => value)).toEqual(
    improvements.map(([, value]) => value).toSorted((a, b) => b - a),
  );
});
