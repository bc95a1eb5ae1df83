/** Labelled examples, one behind the other. */
export interface Examples {
  readonly count: number;
  /** count × elements of one example; bytes are pixel values 0…255 in height, width, channel order. */
  readonly inputs: Uint8Array | Float32Array;
  /** Class of each example, from 0. */
  readonly labels: Uint8Array;
}

/** What a training sees of a data set, in memory. */
export interface DataSet {
  readonly name: string;
  /** Of one example: [height, width, channels] or [features]. */
  readonly shape: readonly number[];
  readonly classes: number;
  /** Equal for equal data: SHA-256 of all examples of the file, or what a generated set is generated from. */
  readonly hash: string;
  /** Mean and standard deviation of each channel over the whole training set, pixels scaled to 0…1. */
  readonly channels: readonly { readonly mean: number; readonly sd: number }[];
  readonly train: Examples;
  readonly validation: Examples;
}

/** Number of values in one example. */
export function exampleSize(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
