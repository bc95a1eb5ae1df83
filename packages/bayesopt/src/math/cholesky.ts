import { openDense, SCRATCH_ROWS } from './dense.ts';
import type { Matrix } from './matrix.ts';
import { backwardSolve, forwardSolveRow } from './solve-vector.ts';

/*
 * Dense Cholesky factors of growing symmetric positive definite matrices.
 *
 * Matrices are row-major with a fixed row stride, so that rows can be appended in place. Every entry of a factor is
 * (a − Σ_k) / pivot with the sum taken over increasing k. A row therefore has the same bits whether it is part of the
 * first factorization or appended later.
 *
 * Four rows and more are copied to WebAssembly, where two rows are one vector; for fewer, a copy of the factor would
 * take longer than the solve.
 */

/** Number of rows from which WebAssembly is faster. */
const MANY = 4;

/**
 * Factors rows `from` … `to − 1` of A = L·Lᵀ in place. On entry their lower triangle holds A, on return it holds L.
 * Rows before `from` already hold L.
 *
 * @returns whether every pivot is positive; otherwise the contents are undefined
 */
export function factorRows(matrix: Matrix, from: number, to: number): boolean {
  if (to - from < MANY) return factorFewRows(matrix, from, to);
  const { functions, start, numbers } = openDense(to * to + 4 * to);
  copyTriangle(matrix, 0, to, { data: numbers, stride: to });
  if (!functions.factorRows(start, 8 * to, from, to, start + 8 * to * to)) return false;
  copyTriangle({ data: numbers, stride: to }, from, to, matrix);
  return true;
}

function factorFewRows(matrix: Matrix, from: number, to: number): boolean {
  const { data: a, stride } = matrix;
  for (let i = from; i < to; i++) {
    forwardSolveRow(matrix, i, a, i * stride);
    let rest = 0;
    for (let k = i * stride; k < i * stride + i; k++) rest += a[k]! * a[k]!;
    rest = a[i * stride + i]! - rest;
    if (!(rest > 0)) return false;
    a[i * stride + i] = Math.sqrt(rest);
  }
  return true;
}

/** Copies rows `from` … `to − 1` of a lower triangle. */
export function copyTriangle(source: Matrix, from: number, to: number, target: Matrix): void {
  for (let i = from; i < to; i++) {
    const row = i * source.stride;
    target.data.set(source.data.subarray(row, row + i + 1), i * target.stride);
  }
}

/** Solves L·v = b in place for each of the first `rows` rows of `b`, over its first `n` columns. */
export function forwardSolve(factor: Matrix, n: number, b: Matrix, rows: number): void {
  if (rows < MANY) for (let r = 0; r < rows; r++) forwardSolveRow(factor, n, b.data, r * b.stride);
  else solveRows('forwardSolve', factor, n, b, rows);
}

/** Solves Lᵀ·w = v in place for each of the first `rows` rows of `v`, over its first `n` columns. */
export function backwardSolveRows(factor: Matrix, n: number, v: Matrix, rows: number): void {
  solveRows('backwardSolve', factor, n, v, rows);
}

function solveRows(name: 'forwardSolve' | 'backwardSolve', factor: Matrix, n: number, b: Matrix, rows: number): void {
  const count = (rows - 1) * b.stride + n;
  const { functions, start, numbers } = openDense(n * n + rows * b.stride + SCRATCH_ROWS * n);
  copyTriangle(factor, 0, n, { data: numbers, stride: n });
  numbers.set(b.data.subarray(0, count), n * n);
  const at = start + 8 * n * n;
  functions[name](start, 8 * n, n, at, 8 * b.stride, rows, at + 8 * rows * b.stride);
  b.data.set(numbers.subarray(n * n, n * n + count));
}

/** Solves L·v = b in place for one vector of at least n entries. */
export function forwardSolveVector(factor: Matrix, n: number, b: Float64Array): void {
  forwardSolveRow(factor, n, b, 0);
}

export { backwardSolve };

/** Returns K⁻¹ = L⁻ᵀ·L⁻¹ from the factor: both triangles, shape [n, n]. */
export function invertFromFactor(factor: Matrix, n: number): Float64Array {
  const { functions, start, numbers } = openDense(2 * n * n + 4 * Math.ceil(n / 4) * n);
  copyTriangle(factor, 0, n, { data: numbers, stride: n });
  const out = n * n;
  functions.invert(start, 8 * n, n, start + 8 * out, start + 8 * 2 * out);
  return numbers.slice(out, 2 * out);
}
