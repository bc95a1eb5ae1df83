import type { Matrix } from './matrix.ts';

/*
 * Sums along and across rows, four rows at a time: a processor adds several independent sums in the time of one. Each
 * sum is added in the order of a plain loop, so that it has the same bits.
 */

/** Returns Σ_k m[r, k]·v[k] over the entries of `v`, in increasing k, for each of the first `rows` rows. */
export function multiplyRows({ data, stride }: Matrix, rows: number, v: Float64Array): Float64Array {
  const out = new Float64Array(rows);
  let r = 0;
  for (; r + 4 <= rows; r += 4) multiplyFour(data, r * stride, stride, v, out, r);
  for (; r < rows; r++) out[r] = dotRow(data, r * stride, v);
  return out;
}

/** Returns Σ_j m[start + j]·v[j]. */
export function dotRow(m: Float64Array, start: number, v: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < v.length; j++) sum += m[start + j]! * v[j]!;
  return sum;
}

function multiplyFour(
  m: Float64Array,
  start: number,
  stride: number,
  v: Float64Array,
  out: Float64Array,
  r: number,
): void {
  const [m1, m2, m3] = [start + stride, start + 2 * stride, start + 3 * stride];
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let k = 0; k < v.length; k++) {
    const value = v[k]!;
    s0 += m[start + k]! * value;
    s1 += m[m1 + k]! * value;
    s2 += m[m2 + k]! * value;
    s3 += m[m3 + k]! * value;
  }
  out[r] = s0;
  out[r + 1] = s1;
  out[r + 2] = s2;
  out[r + 3] = s3;
}

/** Returns Σ_k m[r, k]² over the first n columns, in increasing k, for each of the first `rows` rows. */
export function squareRows({ data: m, stride }: Matrix, rows: number, n: number): Float64Array {
  const out = new Float64Array(rows);
  let r = 0;
  for (; r + 4 <= rows; r += 4) squareFour(m, r * stride, stride, n, out, r);
  for (; r < rows; r++) {
    let sum = 0;
    for (let k = r * stride; k < r * stride + n; k++) sum += m[k]! * m[k]!;
    out[r] = sum;
  }
  return out;
}

function squareFour(m: Float64Array, start: number, stride: number, n: number, out: Float64Array, r: number): void {
  const [m1, m2, m3] = [start + stride, start + 2 * stride, start + 3 * stride];
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let k = 0; k < n; k++) {
    const a0 = m[start + k]!;
    const a1 = m[m1 + k]!;
    const a2 = m[m2 + k]!;
    const a3 = m[m3 + k]!;
    s0 += a0 * a0;
    s1 += a1 * a1;
    s2 += a2 * a2;
    s3 += a3 * a3;
  }
  out[r] = s0;
  out[r + 1] = s1;
  out[r + 2] = s2;
  out[r + 3] = s3;
}

/** Adds w[r]·m[r, k] to out[k], in increasing r, for each column of `out` and each entry of `w`. */
export function addWeightedRows({ data: m, stride }: Matrix, w: Float64Array, out: Float64Array): void {
  let r = 0;
  for (; r + 4 <= w.length; r += 4) addFour(m, r * stride, stride, w, r, out);
  for (; r < w.length; r++) {
    const weight = w[r]!;
    for (let k = 0; k < out.length; k++) out[k]! += weight * m[r * stride + k]!;
  }
}

function addFour(m: Float64Array, start: number, stride: number, w: Float64Array, r: number, out: Float64Array): void {
  const [m1, m2, m3] = [start + stride, start + 2 * stride, start + 3 * stride];
  const w0 = w[r]!;
  const w1 = w[r + 1]!;
  const w2 = w[r + 2]!;
  const w3 = w[r + 3]!;
  for (let k = 0; k < out.length; k++) {
    out[k] = out[k]! + w0 * m[start + k]! + w1 * m[m1 + k]! + w2 * m[m2 + k]! + w3 * m[m3 + k]!;
  }
}
