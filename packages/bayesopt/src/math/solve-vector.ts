import type { Matrix } from './matrix.ts';

/*
 * Triangular solves of one vector. A processor starts an addition each half of a cycle, but its result takes three or
 * four: four independent sums at a time keep it busy, each in the order of a plain loop.
 */

/** Solves L·v = b in place for the vector of n entries that starts at entry `start` of `v`. */
export function forwardSolveRow({ data: l, stride }: Matrix, n: number, v: Float64Array, start: number): void {
  let j = 0;
  for (; j + 4 <= n; j += 4) solveFour(l, stride, v, start, j);
  for (; j < n; j++) {
    const row = j * stride;
    let sum = 0;
    for (let k = 0; k < j; k++) sum += v[start + k]! * l[row + k]!;
    v[start + j] = (v[start + j]! - sum) / l[row + j]!;
  }
}

/** Solves entries j … j + 3, the ones before are solved. */
function solveFour(l: Float64Array, stride: number, v: Float64Array, start: number, j: number): void {
  const l0 = j * stride;
  const l1 = l0 + stride;
  const l2 = l1 + stride;
  const l3 = l2 + stride;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let k = 0; k < j; k++) {
    const value = v[start + k]!;
    s0 += value * l[l0 + k]!;
    s1 += value * l[l1 + k]!;
    s2 += value * l[l2 + k]!;
    s3 += value * l[l3 + k]!;
  }
  const at = start + j;
  const v0 = (v[at]! - s0) / l[l0 + j]!;
  s1 += v0 * l[l1 + j]!;
  const v1 = (v[at + 1]! - s1) / l[l1 + j + 1]!;
  s2 += v0 * l[l2 + j]!;
  s2 += v1 * l[l2 + j + 1]!;
  const v2 = (v[at + 2]! - s2) / l[l2 + j + 2]!;
  s3 += v0 * l[l3 + j]!;
  s3 += v1 * l[l3 + j + 1]!;
  s3 += v2 * l[l3 + j + 2]!;
  v[at] = v0;
  v[at + 1] = v1;
  v[at + 2] = v2;
  v[at + 3] = (v[at + 3]! - s3) / l[l3 + j + 3]!;
}

/** Solves Lᵀ·w = v in place; `v` has at least n entries. */
export function backwardSolve({ data: l, stride }: Matrix, n: number, v: Float64Array): void {
  let i = n - 1;
  for (; i >= 3; i -= 4) subtractFour(l, stride, v, i);
  for (; i >= 0; i--) {
    const row = i * stride;
    const value = v[i]! / l[row + i]!;
    v[i] = value;
    for (let k = 0; k < i; k++) v[k]! -= value * l[row + k]!;
  }
}

/** Solves entries i, i − 1, i − 2 and i − 3, and subtracts their parts from the entries before, in this order. */
function subtractFour(l: Float64Array, stride: number, v: Float64Array, i: number): void {
  const l3 = i * stride;
  const l2 = l3 - stride;
  const l1 = l2 - stride;
  const l0 = l1 - stride;
  const w3 = v[i]! / l[l3 + i]!;
  const w2 = (v[i - 1]! - w3 * l[l3 + i - 1]!) / l[l2 + i - 1]!;
  const w1 = (v[i - 2]! - w3 * l[l3 + i - 2]! - w2 * l[l2 + i - 2]!) / l[l1 + i - 2]!;
  const w0 = (v[i - 3]! - w3 * l[l3 + i - 3]! - w2 * l[l2 + i - 3]! - w1 * l[l1 + i - 3]!) / l[l0 + i - 3]!;
  v[i] = w3;
  v[i - 1] = w2;
  v[i - 2] = w1;
  v[i - 3] = w0;
  for (let k = 0; k < i - 3; k++) {
    v[k] = v[k]! - w3 * l[l3 + k]! - w2 * l[l2 + k]! - w1 * l[l1 + k]! - w0 * l[l0 + k]!;
  }
}
