import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findOutlierCap } from '../src/gp/find-outlier-cap.ts';
import { WARP_STRENGTHS, warpOutcomes } from '../src/gp/warp.ts';
import { truncateNormal } from '../src/search/outcome-model.ts';

const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), {
  minLength: 2,
  maxLength: 20,
});

describe('outcome warp', () => {
  it('standardizes, reverses the order and inverts', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(...WARP_STRENGTHS), (list, strength) => {
        const y = Float64Array.from(list);
        const { targets, forward, inverse } = warpOutcomes(y, strength);
        const spread = Math.max(...y) - Math.min(...y);
        fc.pre(spread > 1e-6);
        expect(targets.reduce((sum, t) => sum + t, 0) / y.length).toBeCloseTo(0, 9);
        expect(targets.reduce((sum, t) => sum + t * t, 0) / y.length).toBeCloseTo(1, 9);
        for (let i = 0; i < y.length; i++) {
          expect(forward(y[i]!)).toBeCloseTo(targets[i]!, 9);
          expect(Math.abs(inverse(targets[i]!) - y[i]!)).toBeLessThan(1e-6 * spread);
          for (let j = 0; j < i; j++) if (y[i]! > y[j]!) expect(targets[i]).toBeLessThanOrEqual(targets[j]!);
        }
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  it('has a log-Jacobian equal to that of differences', () => {
    const y = Float64Array.of(0.2, 0.9, 1.4, 3, 40);
    for (const strength of WARP_STRENGTHS) {
      const { forward, logJacobian } = warpOutcomes(y, strength);
      const numeric = y.reduce(
        (sum, v, i) =>
          sum + Math.log(Math.abs((forward(v + 1e-6) - forward(v - (i === 0 ? 0 : 1e-6))) / (i === 0 ? 1e-6 : 2e-6))),
        0,
      );
      expect(logJacobian).toBeCloseTo(numeric, 1);
    }
  });

  it.each([[[1, 1, 1]], [[-1e300, 1e300]], [[5e-324, 0]], [[0, 1e-300, 1e300]]])('stays finite for %j', (list) => {
    for (const strength of WARP_STRENGTHS) {
      const { targets, logJacobian } = warpOutcomes(Float64Array.from(list), strength);
      expect([...targets].every(Number.isFinite)).toBe(true);
      expect(logJacobian).not.toBeNaN();
    }
  });
});

describe('outlier cap', () => {
  it.each([
    [[0, 1, 2, 3, 1e9], 3],
    [[1e12, 1e12, 1e12, 0, 0.5, 1], 1],
    [[-1, 0, 1, 1e300], 1],
    [[0, 1, 2, 3, 500], Infinity],
    [[1, 1, 1], Infinity],
  ])('of %j is %d', (list, cap) => expect(findOutlierCap(Float64Array.from(list))).toBe(cap));
});

describe('truncated normal', () => {
  it.each([
    // mean, sigma, bound, truncated mean, truncated variance
    [0, 1, 0, -0.7978845608028654, 0.3633802276324187],
    [1, 2, -1, -2.0502705523219624, 0.7963906622813952],
    [0, 1, 5, -1.4867199409049056e-6, 0.9999925663980851],
  ])('N(%d, %d²) below %d agrees with mpmath', (mean, sigma, bound, expectedMean, expectedVariance) => {
    const truncated = truncateNormal(mean, sigma, bound);
    expect(truncated.mean).toBeCloseTo(expectedMean, 10);
    expect(truncated.variance).toBeCloseTo(expectedVariance, 8);
  });

  it('is the bound without variance far in the tail', () => {
    const { mean, variance } = truncateNormal(0, 1, -1e4);
    expect(mean).toBeLessThanOrEqual(-1e4);
    expect(mean).toBeGreaterThan(-1e4 - 1e-3);
    expect(variance).toBeLessThan(1e-6);
  });

  it.each([
    [-1e200, { mean: -1e200, variance: 0 }],
    [1e200, { mean: 0.5, variance: 4 }],
    [Infinity, { mean: 0.5, variance: 4 }],
  ])('stays finite for a bound of %d', (bound, expected) => {
    expect(truncateNormal(0.5, 2, bound)).toEqual(expected);
  });
});
