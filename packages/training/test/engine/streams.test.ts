import { describe, expect, it } from 'vitest';
import { drawWeights } from '../../src/engine/initialize.ts';
import { dropoutMask, drawNormals, drawPermutation, createStream } from '../../src/engine/streams.ts';

const moments = (values: ArrayLike<number>) => {
  const list = Array.from(values);
  const mean = list.reduce((a, b) => a + b, 0) / list.length;
  return { mean, sd: Math.sqrt(list.reduce((a, b) => a + (b - mean) ** 2, 0) / list.length) };
};

describe('random streams', () => {
  it('repeat for equal positions and differ for any other seed, purpose or position', () => {
    const draw = (...args: Parameters<typeof createStream>) => drawNormals(4, 1, createStream(...args)).join();
    expect(draw(0, 'weights', 3, 0)).toBe(draw(0, 'weights', 3, 0));
    const all = [
      draw(0, 'weights', 3, 0),
      draw(1, 'weights', 3, 0),
      draw(2 ** 40, 'weights', 3, 0),
      draw(0, 'feedback', 3, 0),
      draw(0, 'weights', 4, 0),
      draw(0, 'weights', 3, 1),
      draw(0, 'weights', 0, 3),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('order is a permutation that changes with the epoch', () => {
    const order = drawPermutation(100, createStream(0, 'order', 0));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(order).not.toEqual(drawPermutation(100, createStream(0, 'order', 1)));
  });

  it('dropout zeroes the given share and keeps the mean', () => {
    const mask = dropoutMask(100_000, 0.2, createStream(0, 'dropout', 1, 0));
    expect(mask.filter((value) => value === 0).length / mask.length).toBeCloseTo(0.2, 2);
    expect(moments(mask).mean).toBeCloseTo(1, 2);
    expect(mask).not.toEqual(dropoutMask(100_000, 0.2, createStream(0, 'dropout', 1, 1)));
  });

  it.each([
    ['glorot-uniform', Math.sqrt(2 / 500)],
    ['glorot-normal', Math.sqrt(2 / 500)],
    ['lecun-uniform', 0.1],
    ['lecun-normal', 0.1],
    ['he-uniform', Math.sqrt(2 / 100)],
    ['he-normal', Math.sqrt(2 / 100)],
    ['normal', 0.03],
  ] as const)('%s weights have mean 0 and the right spread', (init, sd) => {
    const values = drawWeights(
      { shape: [100, 400], fanIn: 100, fanOut: 400, init, sd: 0.03 },
      createStream(0, 'weights', 0, 0),
    );
    const found = moments(values);
    expect(Math.abs(found.mean)).toBeLessThan(0.02 * sd);
    expect(found.sd / sd).toBeCloseTo(1, 1);
    const bound = Math.max(...values.map(Math.abs));
    if (init.endsWith('uniform')) expect(bound).toBeLessThanOrEqual(Math.sqrt(3) * sd * 1.0001);
    else expect(bound).toBeGreaterThan(3 * sd);
  });
});
