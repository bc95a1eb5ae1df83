import { describe, expect, it } from 'vitest';
import { createRandom } from '../src/random/random.ts';
import { SOBOL_DIMENSIONS, createSobolPoints } from '../src/random/sobol.ts';

describe('Sobol sequence', () => {
  // Points 1, 2, 3, 5, 100 and 1023 in natural order, from SciPy 1.17's unscrambled qmc.Sobol with the Gray code
  // undone.
  it.each([
    [0, [0.5, 0.25, 0.75, 0.625, 0.1484375, 0.9990234375]],
    [1, [0.5, 0.75, 0.25, 0.125, 0.7734375, 0.2548828125]],
    [2, [0.5, 0.75, 0.25, 0.875, 0.6953125, 0.7314453125]],
    [5, [0.5, 0.25, 0.75, 0.875, 0.0703125, 0.2568359375]],
    [20, [0.5, 0.75, 0.25, 0.375, 0.3359375, 0.5439453125]],
    [63, [0.5, 0.25, 0.75, 0.875, 0.5703125, 0.5927734375]],
  ])('agrees with SciPy in dimension %i', (dimension, expected) => {
    const points = createSobolPoints(1024, 64);
    expect([1, 2, 3, 5, 100, 1023].map((i) => points[i * 64 + dimension])).toEqual(expected);
  });

  it('stays a (0, m, 1)-net in every dimension when scrambled', () => {
    const d = SOBOL_DIMENSIONS;
    const points = createSobolPoints(256, d, 7);
    for (let dimension = 0; dimension < d; dimension++) {
      const cells = new Set(Array.from({ length: 256 }, (_, i) => Math.floor(256 * points[i * d + dimension]!)));
      expect(cells.size).toBe(256);
    }
  });

  it.each([
    [0, 0],
    [0, 5],
    [1, 2],
    [9, 1],
  ])('distributes point %i uniformly along dimension %i over seeds', (index, dimension) => {
    const seeds = 6400;
    const cells = Array.from({ length: 64 }, () => 0);
    for (let seed = 0; seed < seeds; seed++)
      cells[Math.floor(64 * createSobolPoints(1, 6, seed, index)[dimension]!)]! += 1;
    const chiSquare = cells.reduce((sum, count) => sum + (count - seeds / 64) ** 2 / (seeds / 64), 0);
    // The 99.9 % quantile with 63 degrees of freedom.
    expect(chiSquare).toBeLessThan(103.5);
  });

  it('creates any point from its index and pads dimensions without direction numbers', () => {
    const all = createSobolPoints(40, 70, 3);
    expect(createSobolPoints(5, 70, 3, 35)).toEqual(all.slice(35 * 70));
    expect(all.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(createSobolPoints(40, 70, 4)).not.toEqual(all);
  });
});

describe('pseudo-random numbers', () => {
  it('have the moments of their distributions', () => {
    const random = createRandom(1, 2, 3);
    const n = 40_000;
    const uniform = Array.from({ length: n }, random.uniform);
    const normal = Array.from({ length: n }, random.normal);
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / n;
    expect(mean(uniform)).toBeCloseTo(0.5, 2);
    expect(mean(uniform.map((u) => u * u))).toBeCloseTo(1 / 3, 2);
    expect(Math.abs(mean(normal))).toBeLessThan(0.02);
    expect(mean(normal.map((z) => z * z))).toBeCloseTo(1, 1);
    expect(mean(normal.map((z) => z ** 4))).toBeCloseTo(3, 0);
  });

  it('differ between streams, also if only the high half of a word differs', () => {
    const first = (...words: number[]): number => createRandom(...words).uniform();
    expect(new Set([first(1), first(2), first(1, 0), first(1, 1), first(1 + 2 ** 32), first(-1)]).size).toBe(6);
  });
});
