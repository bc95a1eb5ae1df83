/** Labeled examples, concatenated. */
export interface Examples {
  readonly count: number;
  /** count × size of one example. Bytes are pixel values 0…255 in the order height, width, channel. */
  readonly inputs: Uint8Array | Float32Array;
  /** The class of each example, from 0. */
  readonly labels: Uint8Array;
}

/** A data set in memory, as a training uses it. */
export interface DataSet {
  readonly name: string;
  /** Shape of one example: [height, width, channels], [features] or [tokens]. */
  readonly shape: readonly number[];
  readonly classes: number;
  /** Equal for equal data: SHA-256 of all examples in the file, or the parameters of a generated set. */
  readonly hash: string;
  /** Mean and standard deviation of each channel over the whole training set, with pixels scaled to 0…1. */
  readonly channels: readonly { readonly mean: number; readonly sd: number }[];
  readonly train: Examples;
  readonly validation: Examples;
}

/** Returns the number of values in one example. */
export function exampleSize(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
