import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backwardSolve, factorRows, forwardSolve, inverseOf } from '../src/linalg/cholesky.ts';
import { createRandom } from '../src/random/random.ts';

/** A random symmetric positive definite matrix B·Bᵀ + I, row-major. */
function spd(n: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const b = Float64Array.from({ length: n * n }, random.normal);
  return Float64Array.from({ length: n * n }, (_, at) => {
    const i = Math.floor(at / n);
    const j = at % n;
    let sum = i === j ? 1 : 0;
    for (let k = 0; k < n; k++) sum += b[i * n + k]! * b[j * n + k]!;
    return sum;
  });
}

const sizes = fc.integer({ min: 1, max: 23 });
const seeds = fc.integer({ min: 0, max: 1e6 });

describe('Cholesky factor', () => {
  it('multiplies back to the matrix, solves and inverts, for every size', () => {
    fc.assert(
      fc.property(sizes, seeds, (n, seed) => {
        const a = spd(n, seed);
        const l = Float64Array.from(a);
        expect(factorRows(l, n, 0, n)).toBe(true);
        const b = Float64Array.from({ length: 5 * n }, createRandom(seed, 1).normal);
        const v = Float64Array.from(b);
        forwardSolve(l, n, n, v, n, 5);
        const inverse = inverseOf(l, n, n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let product = 0;
            for (let k = 0; k <= Math.min(i, j); k++) product += l[i * n + k]! * l[j * n + k]!;
            expect(product).toBeCloseTo(a[i * n + j]!, 9);
            let identity = 0;
            for (let k = 0; k < n; k++) identity += a[i * n + k]! * inverse[k * n + j]!;
            expect(identity).toBeCloseTo(i === j ? 1 : 0, 8);
          }
        }
        for (let r = 0; r < 5; r++) {
          const w = v.slice(r * n, (r + 1) * n);
          backwardSolve(l, n, n, w);
          for (let i = 0; i < n; i++) {
            let product = 0;
            for (let k = 0; k < n; k++) product += a[i * n + k]! * w[k]!;
            expect(product).toBeCloseTo(b[r * n + i]!, 8);
          }
        }
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  it('gives the same bits row by row as at once', () => {
    fc.assert(
      fc.property(sizes, seeds, (n, seed) => {
        const whole = spd(n, seed);
        const grown = Float64Array.from(whole);
        factorRows(whole, n, 0, n);
        for (let i = 0; i < n; i++) factorRows(grown, n, i, i + 1);
        for (let i = 0; i < n; i++)
          expect(grown.slice(i * n, i * n + i + 1)).toEqual(whole.slice(i * n, i * n + i + 1));
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  it('refuses a matrix that is not positive definite', () => {
    expect(factorRows(Float64Array.of(1, 0, 2, 1), 2, 0, 2)).toBe(false);
    expect(factorRows(Float64Array.of(Number.NaN), 1, 0, 1)).toBe(false);
  });
});
