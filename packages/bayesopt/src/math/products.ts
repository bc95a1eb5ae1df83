import { openDense, SCRATCH_ROWS } from './dense.ts';
import type { Matrix } from './matrix.ts';

/** Rows 0 … rows − 1 of a matrix. */
export interface Rows extends Matrix {
  readonly rows: number;
}

/**
 * Adds to out[c, r] the products x[r, k]·y[c, k] over k = 0 … n − 1, in this order.
 *
 * @param out shape [y.rows, x.rows]
 */
export function addProducts(x: Rows, y: Rows, n: number, out: Float64Array): void {
  const [xSize, ySize] = [x.rows * x.stride, y.rows * y.stride];
  const { functions, start, numbers } = openDense(xSize + ySize + out.length + SCRATCH_ROWS * n);
  numbers.set(x.data.subarray(0, xSize));
  numbers.set(y.data.subarray(0, ySize), xSize);
  numbers.set(out, xSize + ySize);
  const [atY, atOut] = [start + 8 * xSize, start + 8 * (xSize + ySize)];
  const scratch = atOut + 8 * out.length;
  functions.addProducts(start, 8 * x.stride, x.rows, atY, 8 * y.stride, y.rows, n, atOut, 8 * x.rows, scratch);
  out.set(numbers.subarray(xSize + ySize, xSize + ySize + out.length));
}
