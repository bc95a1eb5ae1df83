import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeSideLength, createTrustRegion } from '../src/search/trust-region.ts';

const trials = (values: readonly number[]) =>
  values.map((value, number) => ({ number, value, point: {}, x: new Float64Array(20), diverged: false }));
/** Ten space-filling values, then what the model found. */
const after = (found: readonly number[]): number =>
  computeSideLength(trials([...Array.from({ length: 10 }, (_, i) => 100 + i), ...found]), 10, 20);

describe('trust region', () => {
  it('starts at 0.8, doubles after three successes, halves after d failures and restarts below 2⁻⁷', () => {
    expect(after([])).toBe(0.8);
    expect(after([90, 80])).toBe(0.8);
    expect(after([90, 80, 70])).toBe(1.6);
    expect(after([90, 80, 70, 60, 50, 40])).toBe(1.6);
    expect(after(Array.from({ length: 19 }, () => 200))).toBe(0.8);
    expect(after(Array.from({ length: 20 }, () => 200))).toBe(0.4);
    expect(after(Array.from({ length: 7 * 20 }, () => 200))).toBe(0.8);
  });

  it('lies in the cube and contains its center for any lengthscales', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(unit, fc.double({ min: 0.03, max: 1000, noNaN: true })), { minLength: 15, maxLength: 40 }),
        (pairs) => {
          const center = Float64Array.from(pairs, ([x]) => x);
          const { lower, upper } = createTrustRegion(
            center,
            0.8,
            Float64Array.from(pairs, ([, lengthscale]) => lengthscale),
          );
          center.forEach((x, a) => {
            expect(lower[a]).toBeGreaterThanOrEqual(0);
            expect(upper[a]).toBeLessThanOrEqual(1);
            expect(lower[a]! <= x && x <= upper[a]!).toBe(true);
          });
        },
      ),
      { numRuns: 50, seed: 2 },
    );
  });
});
