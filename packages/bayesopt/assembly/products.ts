// Sums of products of rows, sixteen at a time.
import { ENTRY, GROUP } from './panel';
import { packRows } from './solve';

/** Sums of 4 × 4 products: number 4c + r belongs to row c of y and row r of x. */
export const tile: usize = memory.data(128, 16);

/** Adds to out[c, r] the products x[r, k]·y[c, k] over k = 0 … n − 1, in this order. */
export function addProducts(
  x: usize,
  xStride: usize,
  xRows: i32,
  y: usize,
  yStride: usize,
  yRows: i32,
  n: i32,
  out: usize,
  outStride: usize,
  scratch: usize,
): void {
  const size = <usize>n * ENTRY;
  for (let r = 0; r < xRows; r += 4 * GROUP) {
    const rows = min(4 * GROUP, xRows - r);
    packRows(x + <usize>r * xStride, xStride, rows, n, scratch);
    for (let c = 0; c < yRows; c += 4) {
      const count = min(4, yRows - c);
      for (let p = 0; p < rows; p += 4) {
        const at = out + <usize>c * outStride + ((<usize>(r + p)) << 3);
        const width = min(4, rows - p);
        const panel = scratch + <usize>(p >> 2) * size;
        for (let k = 0; k < count; k++) copyNumbers(at + <usize>k * outStride, tile + <usize>k * ENTRY, width);
        if (count == 4) addRows(panel, y + <usize>c * yStride, yStride, n);
        else for (let k = 0; k < count; k++) addRow(panel, y + <usize>(c + k) * yStride, n, tile + <usize>k * ENTRY);
        for (let k = 0; k < count; k++) copyNumbers(tile + <usize>k * ENTRY, at + <usize>k * outStride, width);
      }
    }
  }
}

function copyNumbers(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++) f64.store(to + ((<usize>i) << 3), f64.load(from + ((<usize>i) << 3)));
}

/** Adds the products of a panel and one row to four numbers. */
function addRow(panel: usize, row: usize, n: i32, sums: usize): void {
  let low = v128.load(sums);
  let high = v128.load(sums, 16);
  const end = panel + <usize>n * ENTRY;
  for (; panel < end; panel += ENTRY, row += 8) {
    const a = v128.load64_splat(row);
    low = f64x2.add(low, f64x2.mul(v128.load(panel), a));
    high = f64x2.add(high, f64x2.mul(v128.load(panel, 16), a));
  }
  v128.store(sums, low);
  v128.store(sums, high, 16);
}

/** Adds the products of a panel and four rows to `tile`. */
function addRows(panel: usize, rows: usize, stride: usize, n: i32): void {
  let y0 = rows;
  let y1 = y0 + stride;
  let y2 = y1 + stride;
  let y3 = y2 + stride;
  let s00 = v128.load(tile);
  let s01 = v128.load(tile, 16);
  let s10 = v128.load(tile, 32);
  let s11 = v128.load(tile, 48);
  let s20 = v128.load(tile, 64);
  let s21 = v128.load(tile, 80);
  let s30 = v128.load(tile, 96);
  let s31 = v128.load(tile, 112);
  const end = panel + <usize>n * ENTRY;
  for (; panel < end; panel += ENTRY) {
    const low = v128.load(panel);
    const high = v128.load(panel, 16);
    let a = v128.load64_splat(y0);
    s00 = f64x2.add(s00, f64x2.mul(low, a));
    s01 = f64x2.add(s01, f64x2.mul(high, a));
    a = v128.load64_splat(y1);
    s10 = f64x2.add(s10, f64x2.mul(low, a));
    s11 = f64x2.add(s11, f64x2.mul(high, a));
    a = v128.load64_splat(y2);
    s20 = f64x2.add(s20, f64x2.mul(low, a));
    s21 = f64x2.add(s21, f64x2.mul(high, a));
    a = v128.load64_splat(y3);
    s30 = f64x2.add(s30, f64x2.mul(low, a));
    s31 = f64x2.add(s31, f64x2.mul(high, a));
    y0 += 8;
    y1 += 8;
    y2 += 8;
    y3 += 8;
  }
  storeTile(s00, s01, s10, s11, s20, s21, s30, s31);
}

function storeTile(s00: v128, s01: v128, s10: v128, s11: v128, s20: v128, s21: v128, s30: v128, s31: v128): void {
  v128.store(tile, s00);
  v128.store(tile, s01, 16);
  v128.store(tile, s10, 32);
  v128.store(tile, s11, 48);
  v128.store(tile, s20, 64);
  v128.store(tile, s21, 80);
  v128.store(tile, s30, 96);
  v128.store(tile, s31, 112);
}

/** Writes the products of the rows of two panels, summed over entries `from` … `to` − 1, to `tile`. */
export function multiplyPanels(x: usize, y: usize, from: i32, to: i32): void {
  let s00 = f64x2.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  const end = x + <usize>to * ENTRY;
  y += <usize>from * ENTRY;
  for (x += <usize>from * ENTRY; x < end; x += ENTRY, y += ENTRY) {
    const low = v128.load(x);
    const high = v128.load(x, 16);
    let a = v128.load64_splat(y);
    s00 = f64x2.add(s00, f64x2.mul(low, a));
    s01 = f64x2.add(s01, f64x2.mul(high, a));
    a = v128.load64_splat(y, 8);
    s10 = f64x2.add(s10, f64x2.mul(low, a));
    s11 = f64x2.add(s11, f64x2.mul(high, a));
    a = v128.load64_splat(y, 16);
    s20 = f64x2.add(s20, f64x2.mul(low, a));
    s21 = f64x2.add(s21, f64x2.mul(high, a));
    a = v128.load64_splat(y, 24);
    s30 = f64x2.add(s30, f64x2.mul(low, a));
    s31 = f64x2.add(s31, f64x2.mul(high, a));
  }
  storeTile(s00, s01, s10, s11, s20, s21, s30, s31);
}
