import { expect, it } from 'vitest';
import { countPreActivations } from '../../src/domain/index.ts';

/** Returns the bins with values, by their position: 0 is below the range and 41 above it. */
function listFilled({ counts }: { counts: readonly number[] }): number[][] {
  expect(counts).toHaveLength(42);
  return counts.flatMap((count, bin) => (count ? [[bin, count]] : []));
}

it('counts each value in its bin', () => {
  const found = countPreActivations(Float32Array.of(-5, -4.76, -0.25, -0.01, 0, 4.99, 5))!;
  expect(found.limit).toBe(5);
  expect(listFilled(found)).toEqual([
    [1, 2],
    [20, 2],
    [21, 1],
    [40, 2],
  ]);
  // The range includes both of its ends, so that none of these is outside.
  expect(listFilled(countPreActivations([5, 5, -5])!)).toEqual([
    [1, 1],
    [40, 2],
  ]);
});

it('chooses the smallest range that has at most 1 % of the values outside', () => {
  const many = Array.from({ length: 297 }, () => 0.1);
  const few = countPreActivations([...many, -9, 70, 70])!;
  expect([few.limit, listFilled(few)]).toEqual([
    5,
    [
      [0, 1],
      [21, 297],
      [41, 2],
    ],
  ]);
  const more = countPreActivations([...many, -9, 9, 70, 70])!;
  expect([more.limit, listFilled(more)]).toEqual([
    10,
    [
      [3, 1],
      [21, 297],
      [39, 1],
      [41, 2],
    ],
  ]);
  expect(countPreActivations([1e30, -1e30])!.limit).toBeGreaterThanOrEqual(1e30);
  expect(countPreActivations([])!.limit).toBe(5);
});

it('refuses values that are not finite', () => {
  expect(countPreActivations([1, Number.NaN])).toBeNull();
  expect(countPreActivations([-Infinity])).toBeNull();
});
