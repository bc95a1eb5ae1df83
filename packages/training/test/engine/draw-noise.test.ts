import { describe, expect, it } from 'vitest';
import { drawNoise } from '../../src/engine/draw-noise.ts';
import { createStream } from '../../src/engine/streams.ts';
import { WordStream } from '../../src/engine/word-stream.ts';

describe('noise', () => {
  const COUNT = 1_000_000;
  const values = drawNoise(COUNT, 2, createStream(0, 'noise', 1));

  // P(|z| ≤ x) of the standard normal distribution. 3.6542 is where the tail of the ziggurat begins.
  it.each([
    [0.1, 0.0796557],
    [0.5, 0.3829249],
    [1, 0.6826895],
    [2, 0.9544997],
    [3, 0.9973002],
    [3.6541528853610088, 0.9997419],
    [4, 0.9999367],
  ])('lies within %d standard deviations with the normal probability', (x, probability) => {
    const share = values.filter((value) => Math.abs(value) <= 2 * x).length / COUNT;
    const deviation = Math.sqrt((probability * (1 - probability)) / COUNT);
    expect(Math.abs(share - probability)).toBeLessThan(4 * deviation);
  });

  it('has the moments of N(0, 2²) on both sides of 0', () => {
    const mean = (power: number): number => values.reduce((sum, value) => sum + (value / 2) ** power, 0) / COUNT;
    // Standard deviations of these means: .001, .0014, .0039, .0098.
    expect(Math.abs(mean(1))).toBeLessThan(0.004);
    expect(Math.abs(mean(2) - 1)).toBeLessThan(0.006);
    expect(Math.abs(mean(3))).toBeLessThan(0.016);
    expect(Math.abs(mean(4) - 3)).toBeLessThan(0.04);
  });

  it('repeats for an equal stream and is uncorrelated with that of the next step and with its own neighbor', () => {
    const again = drawNoise(COUNT, 2, createStream(0, 'noise', 1));
    const other = drawNoise(COUNT, 2, createStream(0, 'noise', 2));
    expect(again).toEqual(values);
    const correlate = (b: Float32Array): number => b.reduce((sum, y, i) => sum + (y * values[i]!) / 4, 0) / b.length;
    expect(Math.abs(correlate(other))).toBeLessThan(0.004);
    expect(Math.abs(correlate(values.subarray(1)))).toBeLessThan(0.004);
  });
});

describe('WordStream', () => {
  it('gives the words that Marsaglia published for xorshift128', () => {
    const seeds = [123456789, 362436069, 521288629, 88675123];
    const words = new WordStream(() => seeds.shift()! / 4294967296);
    // The first words of xor128() with the default state of the paper.
    expect(Array.from({ length: 3 }, () => words.next() >>> 0)).toEqual([3701687786, 458299110, 2500872618]);
  });

  it('does not stay at 0 if its source gives zeros', () => {
    const words = new WordStream(() => 0);
    expect(new Set(Array.from({ length: 100 }, () => words.next())).size).toBeGreaterThan(50);
  });
});
