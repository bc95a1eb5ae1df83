import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backwardSolve, factorRows, forwardSolve, invertFromFactor } from '../src/math/cholesky.ts';
import { createRandom } from '../src/random/random.ts';

/** Creates a random symmetric positive definite matrix B·Bᵀ + I, row-major. */
function createPositiveDefinite(n: number, seed: number): Float64Array {
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
  it('multiplies back to the matrix, solves and inverts for every size', () => {
    fc.assert(
      fc.property(sizes, seeds, (n, seed) => {
        const a = createPositiveDefinite(n, seed);
        const l = Float64Array.from(a);
        expect(factorRows({ data: l, stride: n }, 0, n)).toBe(true);
        const b = Float64Array.from({ length: 5 * n }, createRandom(seed, 1).normal);
        const v = Float64Array.from(b);
        forwardSolve({ data: l, stride: n }, n, { data: v, stride: n }, 5);
        const inverse = invertFromFactor({ data: l, stride: n }, n);
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
          backwardSolve({ data: l, stride: n }, n, w);
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

  it('gives the same bits row by row as all at once', () => {
    fc.assert(
      fc.property(sizes, seeds, (n, seed) => {
        const whole = createPositiveDefinite(n, seed);
        const grown = Float64Array.from(whole);
        factorRows({ data: whole, stride: n }, 0, n);
        for (let i = 0; i < n; i++) factorRows({ data: grown, stride: n }, i, i + 1);
        for (let i = 0; i < n; i++)
          expect(grown.slice(i * n, i * n + i + 1)).toEqual(whole.slice(i * n, i * n + i + 1));
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  it('reports a matrix that is not positive definite', () => {
    expect(factorRows({ data: Float64Array.of(1, 0, 2, 1), stride: 2 }, 0, 2)).toBe(false);
    expect(factorRows({ data: Float64Array.of(Number.NaN), stride: 1 }, 0, 1)).toBe(false);
  });
});
