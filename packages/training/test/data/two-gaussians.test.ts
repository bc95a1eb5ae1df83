import { describe, expect, it } from 'vitest';
import { drawNormal, randomSource } from '../../src/data/random.ts';
import { twoGaussians } from '../../src/data/two-gaussians.ts';

const spec = { name: 'two-gaussians' as const, dimension: 3, train: 4000, validation: 100, mean: 1, sd: 0.5, seed: 0 };

describe('two Gaussians', () => {
  it('have the requested means and deviation, with alternating classes', () => {
    const { train, classes, shape } = twoGaussians(spec);
    expect([classes, shape]).toEqual([2, [3]]);
    expect([...train.labels.subarray(0, 4)]).toEqual([0, 1, 0, 1]);
    for (const [label, mean] of [
      [0, 1],
      [1, -1],
    ] as const) {
      const values = [...train.inputs].filter((_, i) => train.labels[Math.floor(i / 3)] === label);
      const average = values.reduce((a, b) => a + b, 0) / values.length;
      const variance = values.reduce((a, b) => a + (b - average) ** 2, 0) / values.length;
      // Four standard errors: 0.5/√6000 for the mean, 0.25·√(2/6000) for the variance.
      expect(Math.abs(average - mean)).toBeLessThan(0.026);
      expect(Math.abs(variance - 0.25)).toBeLessThan(0.0183);
    }
  });

  it('are equal for equal seeds only', () => {
    expect(twoGaussians(spec)).toEqual(twoGaussians(spec));
    expect(twoGaussians(spec).train.inputs).not.toEqual(twoGaussians({ ...spec, seed: 1 }).train.inputs);
  });

  it('draw training and validation examples independently', () => {
    const few = twoGaussians({ ...spec, train: 10 });
    expect(few.validation).toEqual(twoGaussians(spec).validation);
    expect(few.validation.inputs.subarray(0, 30)).not.toEqual(few.train.inputs);
  });
});

describe('random source', () => {
  it('is uniform, with independent streams for different words', () => {
    const random = randomSource(0, 0);
    const bins = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 100_000; i++) bins[Math.floor(random() * 10)]!++;
    // Chi-square with 9 degrees of freedom is below 27.9 with probability 0.999.
    expect(bins.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0)).toBeLessThan(27.9);
    const first = [[0], [1], [0, 0], [0, 1], [1, 0], [2 ** 40], [2 ** 41]].map((words) => randomSource(...words)());
    expect(new Set(first).size).toBe(first.length);
  });

  it('draws normal numbers with the right moments', () => {
    const random = randomSource(5);
    const values = Float64Array.from({ length: 50_000 }, () => drawNormal(random));
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    expect(Math.abs(moment(1))).toBeLessThan(0.018);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.026);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.18);
  });
});
