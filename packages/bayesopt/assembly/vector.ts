// Triangular solves of one vector. Eight entries at a time are independent sums; a processor needs about as many,
// because it starts an addition in each half of a cycle, but its result takes three or four.
import { ENTRY } from './panel';

const sums: usize = memory.data(64, 16);

/** Solves L·v = b in place. L is given by its rows, and by the same rows in panels. */
export function forwardSolveVector(l: usize, stride: usize, panels: usize, n: i32, v: usize): void {
  const size = <usize>n * ENTRY;
  for (let j = 0; j < n; j += 8) {
    const panel = panels + <usize>(j >> 2) * size;
    sumEight(panel, j + 4 < n ? panel + size : panel, v, v + ((<usize>j) << 3));
    for (let c = j; c < min(j + 8, n); c++) {
      const row = l + <usize>c * stride;
      let sum = f64.load(sums + ((<usize>(c - j)) << 3));
      for (let k = (<usize>j) << 3; k < (<usize>c) << 3; k += 8) sum += f64.load(v + k) * f64.load(row + k);
      const at = (<usize>c) << 3;
      f64.store(v + at, (f64.load(v + at) - sum) / f64.load(row + at));
    }
  }
}

/** Writes the sums of the products of the entries from `v` to `end` with those of eight rows, of two panels. */
function sumEight(low: usize, high: usize, v: usize, end: usize): void {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (; v < end; v += 8, low += ENTRY, high += ENTRY) {
    const value = v128.load64_splat(v);
    s0 = f64x2.add(s0, f64x2.mul(value, v128.load(low)));
    s1 = f64x2.add(s1, f64x2.mul(value, v128.load(low, 16)));
    s2 = f64x2.add(s2, f64x2.mul(value, v128.load(high)));
    s3 = f64x2.add(s3, f64x2.mul(value, v128.load(high, 16)));
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
}

/** Solves Lᵀ·w = v in place. */
export function backwardSolveVector(l: usize, stride: usize, n: i32, v: usize): void {
  const whole = n & ~7;
  solveTriangleBack(l, stride, whole, n, v);
  for (let k = whole - 8; k >= 0; k -= 8) {
    subtractEight(l + <usize>(k + 8) * stride, stride, n - k - 8, v, k);
    solveTriangleBack(l, stride, k, k + 8, v);
  }
}

/** Subtracts from entries k … k + 7 the parts of the `count` entries after them, the last one first. */
function subtractEight(rows: usize, stride: usize, count: i32, v: usize, k: i32): void {
  const at = v + ((<usize>k) << 3);
  let r0 = v128.load(at);
  let r1 = v128.load(at, 16);
  let r2 = v128.load(at, 32);
  let r3 = v128.load(at, 48);
  let row = rows + <usize>(count - 1) * stride + ((<usize>k) << 3);
  for (let w = at + 64 + ((<usize>(count - 1)) << 3); w >= at + 64; w -= 8, row -= stride) {
    const value = v128.load64_splat(w);
    r0 = f64x2.sub(r0, f64x2.mul(value, v128.load(row)));
    r1 = f64x2.sub(r1, f64x2.mul(value, v128.load(row, 16)));
    r2 = f64x2.sub(r2, f64x2.mul(value, v128.load(row, 32)));
    r3 = f64x2.sub(r3, f64x2.mul(value, v128.load(row, 48)));
  }
  v128.store(at, r0);
  v128.store(at, r1, 16);
  v128.store(at, r2, 32);
  v128.store(at, r3, 48);
}

/** Solves entries `from` … `to` − 1, from which the parts of all entries after them are subtracted already. */
function solveTriangleBack(l: usize, stride: usize, from: i32, to: i32, v: usize): void {
  for (let i = to - 1; i >= from; i--) {
    const row = l + <usize>i * stride;
    const at = (<usize>i) << 3;
    const value = f64.load(v + at) / f64.load(row + at);
    f64.store(v + at, value);
    for (let k = (<usize>from) << 3; k < at; k += 8) {
      f64.store(v + k, f64.load(v + k) - value * f64.load(row + k));
    }
  }
}
