import { exampleSize, type DataSet, type Examples } from './data-set.ts';
import type { RandomSource } from './random.ts';

export interface BatchOptions {
  /** Subtract the mean of each channel and divide by its standard deviation. Otherwise, pixels are scaled to 0…1. */
  standardize: boolean;
  /** Crop at random after padding each side with `pad` zeros, and mirror with probability ½. */
  augment?: { pad: number; mirror: boolean };
}

/** Writes batches of a data set as float32. The conversion of pixels uses a precomputed table. */
export class Batcher {
  readonly #dataSet: DataSet;
  readonly #options: BatchOptions;
  /** The value of pixel p in channel c is at index 256·c + p. */
  readonly #table: Float32Array;

  constructor(dataSet: DataSet, options: BatchOptions) {
    this.#dataSet = dataSet;
    this.#options = options;
    this.#table = pixelTable(dataSet, options.standardize);
  }

  /** Writes the examples with the given indices to `out`, in order and without augmentation. */
  write(examples: Examples, indices: ArrayLike<number>, out: Float32Array): void {
    const size = exampleSize(this.#dataSet.shape);
    for (let i = 0; i < indices.length; i++) {
      const from = indices[i]! * size;
      const { inputs } = examples;
      if (inputs instanceof Float32Array) copyInputs(inputs, from, out, i * size, size);
      else this.#copyPixels(inputs, from, out, i * size, size);
    }
  }

  /**
   * Like `write`, but crops and mirrors each image at random if the options say so. Each image takes three random draws
   * in any case, so that equal seeds give equal batches. Padding is zero after standardization, which is the mean
   * color.
   */
  writeAugmented(examples: Examples, indices: ArrayLike<number>, out: Float32Array, random: RandomSource): void {
    const { augment } = this.#options;
    if (!augment || !(examples.inputs instanceof Uint8Array)) return this.write(examples, indices, out);
    const size = exampleSize(this.#dataSet.shape);
    for (let i = 0; i < indices.length; i++) {
      const down = Math.floor(random() * (2 * augment.pad + 1)) - augment.pad;
      const right = Math.floor(random() * (2 * augment.pad + 1)) - augment.pad;
      const mirror = random() < 0.5 && augment.mirror;
      this.#copyShifted(examples.inputs, indices[i]! * size, out, i * size, { down, right, mirror });
    }
  }

  #copyPixels(inputs: Uint8Array, from: number, out: Float32Array, to: number, count: number): void {
    const table = this.#table;
    const channels = this.#dataSet.channels.length;
    for (let i = 0, channel = 0; i < count; i++) {
      out[to + i] = table[(channel << 8) + inputs[from + i]!]!;
      if (++channel === channels) channel = 0;
    }
  }

  #copyShifted(
    inputs: Uint8Array,
    from: number,
    out: Float32Array,
    to: number,
    { down, right, mirror }: { down: number; right: number; mirror: boolean },
  ): void {
    const [height, width, channels] = this.#dataSet.shape as [number, number, number];
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const target = to + (row * width + column) * channels;
        const y = row + down;
        const x = (mirror ? width - 1 - column : column) + right;
        if (y < 0 || y >= height || x < 0 || x >= width) out.fill(0, target, target + channels);
        else this.#copyPixels(inputs, from + (y * width + x) * channels, out, target, channels);
      }
    }
  }
}

/** Copies inputs by a loop: for short feature vectors, creating views takes longer than copying. */
function copyInputs(inputs: Float32Array, from: number, out: Float32Array, to: number, count: number): void {
  for (let i = 0; i < count; i++) out[to + i] = inputs[from + i]!;
}

function pixelTable({ channels }: DataSet, standardize: boolean): Float32Array {
  const table = new Float32Array(256 * channels.length);
  for (const [channel, { mean, sd }] of channels.entries()) {
    for (let pixel = 0; pixel < 256; pixel++) {
      table[256 * channel + pixel] = standardize ? (pixel / 255 - mean) / sd : pixel / 255;
    }
  }
  return table;
}
