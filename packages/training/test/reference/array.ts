/** A dense float64 array in row-major order. */
export interface NdArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function countElements(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

export function zeros(shape: readonly number[]): NdArray {
  return { shape, data: new Float64Array(countElements(shape)) };
}

export function ndarray(shape: readonly number[], values: ArrayLike<number>): NdArray {
  return { shape, data: Float64Array.from(values) };
}

export function mapArray({ shape, data }: NdArray, f: (value: number, index: number) => number): NdArray {
  return { shape, data: data.map(f) };
}
