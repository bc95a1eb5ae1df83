import { dotTile } from './tile.ts';

/*
 * Dense Cholesky factors of growing symmetric positive definite matrices.
 *
 * Matrices are row-major Float64Arrays with a fixed row stride, so that rows can be appended in place. Every entry is
 * (a − Σ_k) / pivot with the sum taken over increasing k, whether its row came with the first factorisation or by appending: both give
 * the same bits.
 */

/**
 * Factors rows `from` … `to − 1` of A = L·Lᵀ in place: on entry their lower triangle holds A, on return L. Rows before
 * `from` hold L already.
 *
 * @returns whether every pivot was positive; if not, the contents are undefined.
 */
export function factorRows(a: Float64Array, stride: number, from: number, to: number): boolean {
  for (let i = from; i < to; i += 4) {
    const rows = Math.min(4, to - i);
    solveRows(a, stride, i, rows, a, stride, 0, i);
    for (let r = i; r < i + rows; r++) {
      for (let c = i; c <= r; c++) {
        let sum = 0;
        for (let k = 0; k < c; k++) sum += a[r * stride + k]! * a[c * stride + k]!;
        const rest = a[r * stride + c]! - sum;
        if (c < r) a[r * stride + c] = rest / a[c * stride + c]!;
        else if (rest > 0) a[r * stride + r] = Math.sqrt(rest);
        else return false;
      }
    }
  }
  return true;
}

/** Solves L·v = b in place for each of `rows` rows of `b` (row stride `bStride`) over its first `n` columns. */
export function forwardSolve(
  l: Float64Array,
  lStride: number,
  n: number,
  b: Float64Array,
  bStride: number,
  rows: number,
): void {
  for (let r = 0; r < rows; r += 4) solveRows(b, bStride, r, Math.min(4, rows - r), l, lStride, 0, n);
}

/** Solves Lᵀ·w = v in place; `v` has at least n entries. */
export function backwardSolve(l: Float64Array, lStride: number, n: number, v: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    const row = i * lStride;
    const value = v[i]! / l[row + i]!;
    v[i] = value;
    for (let k = 0; k < i; k++) v[k]! -= value * l[row + k]!;
  }
}

/** K⁻¹ = L⁻ᵀ·L⁻¹ from the factor: both triangles, shape [n, n]. */
export function inverseOf(l: Float64Array, lStride: number, n: number): Float64Array {
  const stride = n + ((4 - (n % 4)) % 4);
  const transposed = new Float64Array(stride * stride); // row i holds column i of L⁻¹, which starts at entry i
  for (let i = 0; i < n; i += 4) {
    const rows = Math.min(4, n - i);
    for (let r = i; r < i + rows; r++) transposed[r * stride + r] = 1;
    solveRows(transposed, stride, i, rows, l, lStride, i, n);
  }
  const inverse = new Float64Array(n * n);
  const out = new Float64Array(16);
  for (let i = 0; i < n; i += 4) {
    for (let j = 0; j <= i; j += 4) {
      dotTile(transposed, i * stride, stride, transposed, j * stride, stride, i, n, out);
      for (let r = i; r < Math.min(i + 4, n); r++) {
        for (let c = j; c < Math.min(j + 4, n); c++) {
          const value = out[4 * (r - i) + (c - j)]!;
          inverse[r * n + c] = value;
          inverse[c * n + r] = value;
        }
      }
    }
  }
  return inverse;
}

const sums = new Float64Array(16); // scratch of solveRows alone: filled and read within one call

/**
 * Forward substitution for `rows` (1 to 4) rows of `b` from row `at`; entries before column `first` (a multiple of 4)
 * are known to be 0.
 */
function solveRows(
  b: Float64Array,
  bStride: number,
  at: number,
  rows: number,
  l: Float64Array,
  lStride: number,
  first: number,
  n: number,
): void {
  const whole = rows < 4 ? first : n - (n % 4);
  for (let j = first; j < whole; j += 4) {
    dotTile(b, at * bStride, bStride, l, j * lStride, lStride, first, j, sums);
    for (let r = 0; r < 4; r++) {
      const row = (at + r) * bStride;
      for (let c = 0; c < 4; c++) {
        let sum = sums[4 * r + c]!;
        const lRow = (j + c) * lStride;
        for (let k = j; k < j + c; k++) sum += b[row + k]! * l[lRow + k]!;
        b[row + j + c] = (b[row + j + c]! - sum) / l[lRow + j + c]!;
      }
    }
  }
  for (let r = at; r < at + rows; r++) solveRow(b, r * bStride, l, lStride, first, whole, n);
}

function solveRow(
  b: Float64Array,
  row: number,
  l: Float64Array,
  lStride: number,
  first: number,
  from: number,
  n: number,
): void {
  for (let j = from; j < n; j++) {
    let sum = 0;
    const lRow = j * lStride;
    for (let k = first; k < j; k++) sum += b[row + k]! * l[lRow + k]!;
    b[row + j] = (b[row + j]! - sum) / l[lRow + j]!;
  }
}
