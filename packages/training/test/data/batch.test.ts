import { describe, expect, it } from 'vitest';
import { Batcher, type DataSet } from '../../src/data/index.ts';
import { randomSource } from '../../src/data/random.ts';
import { ramp } from './files.ts';

const [height, width, channels] = [5, 4, 2];
const examples = { count: 30, ...ramp(30, height * width * channels) };
const dataSet: DataSet = {
  name: 'ramp',
  shape: [height, width, channels],
  classes: 10,
  hash: 'ramp',
  train: examples,
  validation: examples,
  channels: [
    { mean: 0.25, sd: 0.5 },
    { mean: 0.1, sd: 0.2 },
  ],
};
const size = height * width * channels;

/** Computes one standardized value by definition, in float64. */
function standardized(example: number, row: number, column: number, channel: number): number {
  if (row < 0 || row >= height || column < 0 || column >= width) return 0;
  const pixel = examples.inputs[example * size + (row * width + column) * channels + channel]! / 255;
  const { mean, sd } = dataSet.channels[channel]!;
  return (pixel - mean) / sd;
}

describe('write', () => {
  it('standardizes each channel', () => {
    const out = new Float32Array(3 * size);
    new Batcher(dataSet, { standardize: true }).write(examples, [4, 29, 4], out);
    for (const [place, example] of [4, 29, 4].entries()) {
      for (let i = 0; i < size; i++) {
        const [row, column, channel] = [
          Math.floor(i / channels / width),
          Math.floor(i / channels) % width,
          i % channels,
        ];
        expect(out[place * size + i]).toBeCloseTo(standardized(example, row, column, channel), 6);
      }
    }
  });

  it('scales to 0…1 without standardization', () => {
    const out = new Float32Array(size);
    new Batcher(dataSet, { standardize: false }).write(examples, [2], out);
    expect(out[1]).toBeCloseTo(examples.inputs[2 * size + 1]! / 255, 7);
  });

  it('copies real numbers unchanged', () => {
    const inputs = Float32Array.of(1, 2, 3, 4);
    const points = { ...dataSet, shape: [2], channels: [], train: { count: 2, inputs, labels: Uint8Array.of(0, 1) } };
    const out = new Float32Array(4);
    new Batcher(points, { standardize: true }).write(points.train, [1, 0], out);
    expect([...out]).toEqual([3, 4, 1, 2]);
  });
});

describe('writeAugmented', () => {
  const batcher = new Batcher(dataSet, { standardize: true, augment: { pad: 2, mirror: true } });
  const draw = (...seed: number[]) => {
    const out = new Float32Array(30 * size);
    batcher.writeAugmented(
      examples,
      Array.from({ length: 30 }, (_, i) => i),
      out,
      randomSource(...seed),
    );
    return out;
  };

  it('crops and mirrors to different valid results', () => {
    const out = draw(1);
    const seen = new Set<string>();
    for (let example = 0; example < 30; example++) {
      const fits = (down: number, right: number, mirror: boolean) => {
        for (let i = 0; i < size; i++) {
          const [row, column, channel] = [
            Math.floor(i / channels / width),
            Math.floor(i / channels) % width,
            i % channels,
          ];
          const x = (mirror ? width - 1 - column : column) + right;
          if (Math.abs(out[example * size + i]! - standardized(example, row + down, x, channel)) > 1e-5) return false;
        }
        return true;
      };
      const found: string[] = [];
      for (let down = -2; down <= 2; down++) {
        for (let right = -2; right <= 2; right++) {
          for (const mirror of [false, true]) if (fits(down, right, mirror)) found.push(`${down} ${right} ${mirror}`);
        }
      }
      expect(found.length, `example ${example}`).toBe(1);
      seen.add(found[0]!);
    }
    expect(seen.size).toBeGreaterThan(15);
  });

  it('draws the same for equal seeds, including 0, and different values for others', () => {
    expect(draw(0, 3)).toEqual(draw(0, 3));
    expect(draw(0, 3)).not.toEqual(draw(0, 4));
    expect(draw(0)).not.toEqual(draw(1));
  });
});
