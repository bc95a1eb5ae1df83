// Triangular solves for many right sides, four at a time.
import { ENTRY, GROUP, pack, unpack } from './panel';

/** Solves L·v = b in place for `rows` rows of `b`, over n columns. `scratch` has space for 4·GROUP·n numbers. */
export function forwardSolve(
  l: usize,
  lStride: usize,
  n: i32,
  b: usize,
  bStride: usize,
  rows: i32,
  scratch: usize,
): void {
  const size = <usize>n * ENTRY;
  for (let r = 0; r < rows; r += 4 * GROUP) {
    const count = min(4 * GROUP, rows - r);
    const panels = (count + 3) / 4;
    packRows(b + <usize>r * bStride, bStride, count, n, scratch);
    // Rows of the factor stay in the first-level cache while all panels use them.
    for (let j = 0; j < n; j += 4) {
      for (let p = 0; p < panels; p++) solveColumns(l, lStride, scratch + <usize>p * size, 0, j, min(4, n - j));
    }
    unpackRows(scratch, b + <usize>r * bStride, bStride, count, n);
  }
}

/** Solves Lᵀ·w = v in place for `rows` rows of `v`, over n columns. `scratch` has space for 4·GROUP·n numbers. */
export function backwardSolve(
  l: usize,
  lStride: usize,
  n: i32,
  v: usize,
  vStride: usize,
  rows: i32,
  scratch: usize,
): void {
  const size = <usize>n * ENTRY;
  for (let r = 0; r < rows; r += 4 * GROUP) {
    const count = min(4 * GROUP, rows - r);
    const panels = (count + 3) / 4;
    packRows(v + <usize>r * vStride, vStride, count, n, scratch);
    for (let k = (n - 1) & ~3; k >= 0; k -= 4) {
      for (let p = 0; p < panels; p++) solveBack(l, lStride, n, scratch + <usize>p * size, k, min(4, n - k));
    }
    unpackRows(scratch, v + <usize>r * vStride, vStride, count, n);
  }
}

/** Copies rows to panels that follow each other. */
export function packRows(rows: usize, stride: usize, count: i32, n: i32, panels: usize): void {
  for (let r = 0; r < count; r += 4) {
    pack(rows + <usize>r * stride, stride, min(4, count - r), n, panels + <usize>(r >> 2) * <usize>n * ENTRY);
  }
}

function unpackRows(panels: usize, rows: usize, stride: usize, count: i32, n: i32): void {
  for (let r = 0; r < count; r += 4) {
    unpack(panels + <usize>(r >> 2) * <usize>n * ENTRY, n, rows + <usize>r * stride, stride, min(4, count - r));
  }
}

/** Solves L·v = b for columns `first` … n − 1 of a panel; the columns before `first` are 0. */
export function solvePanel(l: usize, lStride: usize, panel: usize, first: i32, n: i32): void {
  for (let j = first; j < n; j += 4) solveColumns(l, lStride, panel, first, j, min(4, n - j));
}

/** Solves `count` (1 to 4) columns from j on of a panel whose columns `first` … j − 1 are solved. */
function solveColumns(l: usize, lStride: usize, panel: usize, first: i32, j: i32, count: i32): void {
  if (count == 4) {
    solveFour(l, lStride, panel, first, j);
    return;
  }
  for (let c = j; c < j + count; c++) solveOne(l + <usize>c * lStride, panel, first, c);
}

/** Solves column j of a panel; `row` is row j of L. */
function solveOne(row: usize, panel: usize, first: i32, j: i32): void {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const end = panel + <usize>j * ENTRY;
  let at = row + ((<usize>first) << 3);
  for (let p = panel + <usize>first * ENTRY; p < end; p += ENTRY, at += 8) {
    const a = v128.load64_splat(at);
    low = f64x2.add(low, f64x2.mul(v128.load(p), a));
    high = f64x2.add(high, f64x2.mul(v128.load(p, 16), a));
  }
  const pivot = v128.load64_splat(row + ((<usize>j) << 3));
  v128.store(end, f64x2.div(f64x2.sub(v128.load(end), low), pivot));
  v128.store(end, f64x2.div(f64x2.sub(v128.load(end, 16), high), pivot), 16);
}

/** Solves columns j … j + 3 of a panel: in s<c><half>, the sums of column c over the solved columns. */
function solveFour(l: usize, lStride: usize, panel: usize, first: i32, j: i32): void {
  const start = (<usize>first) << 3;
  let l0 = l + <usize>j * lStride + start;
  let l1 = l0 + lStride;
  let l2 = l1 + lStride;
  let l3 = l2 + lStride;
  let s00 = f64x2.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  const end = panel + <usize>j * ENTRY;
  for (let p = panel + <usize>first * ENTRY; p < end; p += ENTRY) {
    const low = v128.load(p);
    const high = v128.load(p, 16);
    let a = v128.load64_splat(l0);
    s00 = f64x2.add(s00, f64x2.mul(low, a));
    s01 = f64x2.add(s01, f64x2.mul(high, a));
    a = v128.load64_splat(l1);
    s10 = f64x2.add(s10, f64x2.mul(low, a));
    s11 = f64x2.add(s11, f64x2.mul(high, a));
    a = v128.load64_splat(l2);
    s20 = f64x2.add(s20, f64x2.mul(low, a));
    s21 = f64x2.add(s21, f64x2.mul(high, a));
    a = v128.load64_splat(l3);
    s30 = f64x2.add(s30, f64x2.mul(low, a));
    s31 = f64x2.add(s31, f64x2.mul(high, a));
    l0 += 8;
    l1 += 8;
    l2 += 8;
    l3 += 8;
  }
  finishFour(l0, lStride, end, s00, s10, s20, s30);
  finishFour(l0, lStride, end + 16, s01, s11, s21, s31);
}

/** Solves the 4 × 4 triangle at `l` for two rows of a panel, from the sums over the columns before it. */
function finishFour(l: usize, lStride: usize, at: usize, s0: v128, s1: v128, s2: v128, s3: v128): void {
  const v0 = f64x2.div(f64x2.sub(v128.load(at), s0), v128.load64_splat(l));
  v128.store(at, v0);
  l += lStride;
  s1 = f64x2.add(s1, f64x2.mul(v0, v128.load64_splat(l)));
  const v1 = f64x2.div(f64x2.sub(v128.load(at, 32), s1), v128.load64_splat(l, 8));
  v128.store(at, v1, 32);
  l += lStride;
  s2 = f64x2.add(s2, f64x2.mul(v0, v128.load64_splat(l)));
  s2 = f64x2.add(s2, f64x2.mul(v1, v128.load64_splat(l, 8)));
  const v2 = f64x2.div(f64x2.sub(v128.load(at, 64), s2), v128.load64_splat(l, 16));
  v128.store(at, v2, 64);
  l += lStride;
  s3 = f64x2.add(s3, f64x2.mul(v0, v128.load64_splat(l)));
  s3 = f64x2.add(s3, f64x2.mul(v1, v128.load64_splat(l, 8)));
  s3 = f64x2.add(s3, f64x2.mul(v2, v128.load64_splat(l, 16)));
  v128.store(at, f64x2.div(f64x2.sub(v128.load(at, 96), s3), v128.load64_splat(l, 24)), 96);
}

/** Solves `count` (1 to 4) columns from k on of Lᵀ·w = v for a panel whose columns after these are solved. */
function solveBack(l: usize, lStride: usize, n: i32, panel: usize, k: i32, count: i32): void {
  if (count == 4) {
    solveFourBack(l, lStride, n, panel, k);
    return;
  }
  for (let c = k + count - 1; c >= k; c--) solveOneBack(l, lStride, n, panel, c);
}

function solveOneBack(l: usize, lStride: usize, n: i32, panel: usize, k: i32): void {
  const first = panel + <usize>k * ENTRY;
  let low = v128.load(first);
  let high = v128.load(first, 16);
  let at = l + <usize>(n - 1) * lStride + ((<usize>k) << 3);
  for (let p = panel + <usize>(n - 1) * ENTRY; p > first; p -= ENTRY, at -= lStride) {
    const a = v128.load64_splat(at);
    low = f64x2.sub(low, f64x2.mul(v128.load(p), a));
    high = f64x2.sub(high, f64x2.mul(v128.load(p, 16), a));
  }
  const pivot = v128.load64_splat(at);
  v128.store(first, f64x2.div(low, pivot));
  v128.store(first, f64x2.div(high, pivot), 16);
}

function solveFourBack(l: usize, lStride: usize, n: i32, panel: usize, k: i32): void {
  const first = panel + <usize>k * ENTRY;
  let r00 = v128.load(first);
  let r01 = v128.load(first, 16);
  let r10 = v128.load(first, 32);
  let r11 = v128.load(first, 48);
  let r20 = v128.load(first, 64);
  let r21 = v128.load(first, 80);
  let r30 = v128.load(first, 96);
  let r31 = v128.load(first, 112);
  let at = l + <usize>(n - 1) * lStride + ((<usize>k) << 3);
  const end = first + 3 * ENTRY;
  for (let p = panel + <usize>(n - 1) * ENTRY; p > end; p -= ENTRY, at -= lStride) {
    const low = v128.load(p);
    const high = v128.load(p, 16);
    let a = v128.load64_splat(at);
    r00 = f64x2.sub(r00, f64x2.mul(low, a));
    r01 = f64x2.sub(r01, f64x2.mul(high, a));
    a = v128.load64_splat(at, 8);
    r10 = f64x2.sub(r10, f64x2.mul(low, a));
    r11 = f64x2.sub(r11, f64x2.mul(high, a));
    a = v128.load64_splat(at, 16);
    r20 = f64x2.sub(r20, f64x2.mul(low, a));
    r21 = f64x2.sub(r21, f64x2.mul(high, a));
    a = v128.load64_splat(at, 24);
    r30 = f64x2.sub(r30, f64x2.mul(low, a));
    r31 = f64x2.sub(r31, f64x2.mul(high, a));
  }
  finishFourBack(at, lStride, first, r00, r10, r20, r30);
  finishFourBack(at, lStride, first + 16, r01, r11, r21, r31);
}

/** Solves the transposed 4 × 4 triangle whose last row is at `l`, for two rows of a panel, from what remains of v. */
function finishFourBack(l: usize, lStride: usize, at: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const w3 = f64x2.div(r3, v128.load64_splat(l, 24));
  v128.store(at, w3, 96);
  r2 = f64x2.sub(r2, f64x2.mul(w3, v128.load64_splat(l, 16)));
  r1 = f64x2.sub(r1, f64x2.mul(w3, v128.load64_splat(l, 8)));
  r0 = f64x2.sub(r0, f64x2.mul(w3, v128.load64_splat(l)));
  l -= lStride;
  const w2 = f64x2.div(r2, v128.load64_splat(l, 16));
  v128.store(at, w2, 64);
  r1 = f64x2.sub(r1, f64x2.mul(w2, v128.load64_splat(l, 8)));
  r0 = f64x2.sub(r0, f64x2.mul(w2, v128.load64_splat(l)));
  l -= lStride;
  const w1 = f64x2.div(r1, v128.load64_splat(l, 8));
  v128.store(at, w1, 32);
  r0 = f64x2.sub(r0, f64x2.mul(w1, v128.load64_splat(l)));
  l -= lStride;
  v128.store(at, f64x2.div(r0, v128.load64_splat(l)));
}
