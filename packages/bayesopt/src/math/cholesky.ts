import { dotTile, type Matrix } from './dot-tile.ts';

/*
 * Dense Cholesky factors of growing symmetric positive definite matrices.
 *
 * Matrices are row-major with a fixed row stride, so that rows can be appended in place. Every entry of a factor is
 * (a − Σ_k) / pivot with the sum taken over increasing k. A row therefore has the same bits whether it is part of the
 * first factorization or appended later.
 */

/**
 * Factors rows `from` … `to − 1` of A = L·Lᵀ in place. On entry their lower triangle holds A, on return it holds L.
 * Rows before `from` already hold L.
 *
 * @returns whether every pivot is positive; otherwise the contents are undefined
 */
export function factorRows(matrix: Matrix, from: number, to: number): boolean {
  const { data: a, stride } = matrix;
  for (let i = from; i < to; i += 4) {
    const rows = Math.min(4, to - i);
    solveRows({ factor: matrix, first: 0, n: i }, matrix, i, rows);
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

/** Solves L·v = b in place for each of the first `rows` rows of `b`, over its first `n` columns. */
export function forwardSolve(factor: Matrix, n: number, b: Matrix, rows: number): void {
  for (let r = 0; r < rows; r += 4) solveRows({ factor, first: 0, n }, b, r, Math.min(4, rows - r));
}

/** Solves L·v = b in place for one vector of at least n entries. */
export function forwardSolveVector(factor: Matrix, n: number, b: Float64Array): void {
  forwardSolve(factor, n, { data: b, stride: n }, 1);
}

/** Solves Lᵀ·w = v in place; `v` has at least n entries. */
export function backwardSolve({ data: l, stride }: Matrix, n: number, v: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    const row = i * stride;
    const value = v[i]! / l[row + i]!;
    v[i] = value;
    for (let k = 0; k < i; k++) v[k]! -= value * l[row + k]!;
  }
}

/** Returns K⁻¹ = L⁻ᵀ·L⁻¹ from the factor: both triangles, shape [n, n]. */
export function invertFromFactor(factor: Matrix, n: number): Float64Array {
  const stride = n + ((4 - (n % 4)) % 4);
  // Row i holds column i of L⁻¹, which starts at entry i.
  const transposed = { data: new Float64Array(stride * stride), stride };
  for (let i = 0; i < n; i += 4) {
    const rows = Math.min(4, n - i);
    for (let r = i; r < i + rows; r++) transposed.data[r * stride + r] = 1;
    solveRows({ factor, first: i, n }, transposed, i, rows);
  }
  const inverse = new Float64Array(n * n);
  const out = new Float64Array(16);
  for (let i = 0; i < n; i += 4) {
    for (let j = 0; j <= i; j += 4) {
      dotTile({ x: transposed, xRow: i, y: transposed, yRow: j, from: i, to: n }, out);
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

/** A triangular system: the first `n` rows of `factor`. Entries before column `first` of the right side are 0. */
interface TriangularSystem {
  readonly factor: Matrix;
  /** A multiple of 4. */
  readonly first: number;
  readonly n: number;
}

const sums = new Float64Array(16); // scratch of solveRows alone: filled and read within one call

/** Solves the system in place for `rows` (1 to 4) rows of `b` from row `at`. */
function solveRows(system: TriangularSystem, b: Matrix, at: number, rows: number): void {
  const { factor, first, n } = system;
  const { data: l, stride: lStride } = factor;
  const { data: v, stride: vStride } = b;
  const tiled = rows < 4 ? first : n - (n % 4);
  for (let j = first; j < tiled; j += 4) {
    dotTile({ x: b, xRow: at, y: factor, yRow: j, from: first, to: j }, sums);
    for (let r = 0; r < 4; r++) {
      const row = (at + r) * vStride;
      for (let c = 0; c < 4; c++) {
        let sum = sums[4 * r + c]!;
        const lRow = (j + c) * lStride;
        for (let k = j; k < j + c; k++) sum += v[row + k]! * l[lRow + k]!;
        v[row + j + c] = (v[row + j + c]! - sum) / l[lRow + j + c]!;
      }
    }
  }
  for (let r = at; r < at + rows; r++) solveRow(system, v, r * vStride, tiled);
}

/** Solves the columns from `from` on of the row that starts at entry `start`; earlier columns are solved already. */
function solveRow({ factor, first, n }: TriangularSystem, v: Float64Array, start: number, from: number): void {
  const { data: l, stride } = factor;
  for (let j = from; j < n; j++) {
    let sum = 0;
    const lRow = j * stride;
    for (let k = first; k < j; k++) sum += v[start + k]! * l[lRow + k]!;
    v[start + j] = (v[start + j]! - sum) / l[lRow + j]!;
  }
}
