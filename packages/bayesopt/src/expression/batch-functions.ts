/** Keeps a divisor above zero. It is smaller than the square of any value that matters. */
const TINY = 1e-30;

/** A function of all values of a batch. `rows` is the number of examples, one after the other in `values`. */
type BatchFunction = (values: Float64Array, rows: number) => Float64Array;

/** The functions of a whole batch, with their float64 meaning: the normalizations of programs. */
export const batchFunctions = {
  /** x − mean(x). */
  center: (values) => center(values),
  /** (x − mean(x)) / deviation(x). */
  standardize: (values) => rescale(center(values)),
  /** x / root mean square of the batch. */
  rescale: (values) => rescale(values),
  /** x / root mean square of its example. */
  rescaleRows: (values, rows) => {
    const size = values.length / rows;
    const all = new Float64Array(values.length);
    for (let at = 0; at < values.length; at += size) all.set(rescale(values.subarray(at, at + size)), at);
    return all;
  },
  /** x / largest |x| of the batch. */
  rescaleMax: (values) => {
    const most = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    return values.map((value) => value / (most + TINY));
  },
} as const satisfies Record<string, BatchFunction>;

export type BatchFunctionName = keyof typeof batchFunctions;

function mean(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function center(values: Float64Array): Float64Array {
  const middle = mean(values);
  return values.map((value) => value - middle);
}

function rescale(values: Float64Array): Float64Array {
  const size = Math.sqrt(mean(values.map((value) => value * value)) + TINY);
  return values.map((value) => value / size);
}
