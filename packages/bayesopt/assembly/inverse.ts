import { ENTRY } from './panel';
import { multiplyPanels, tile } from './products';
import { solvePanel } from './solve';

/**
 * Writes K⁻¹ = L⁻ᵀ·L⁻¹ to `out`: both triangles, shape [n, n]. `scratch` has space for n rounded up to a multiple of 4,
 * times n, numbers.
 */
export function invert(l: usize, lStride: usize, n: i32, out: usize, scratch: usize): void {
  const size = <usize>n * ENTRY;
  // Row r of a panel at i holds column i + r of L⁻¹, which is 0 before entry i.
  for (let i = 0; i < n; i += 4) {
    const panel = scratch + <usize>(i >> 2) * size;
    memory.fill(panel + <usize>i * ENTRY, 0, <usize>(n - i) * ENTRY);
    for (let r = 0; r < min(4, n - i); r++) f64.store(panel + <usize>(i + r) * ENTRY + ((<usize>r) << 3), 1);
    solvePanel(l, lStride, panel, i, n);
  }
  for (let i = 0; i < n; i += 4) {
    for (let j = 0; j <= i; j += 4) {
      multiplyPanels(scratch + <usize>(i >> 2) * size, scratch + <usize>(j >> 2) * size, i, n);
      storeBoth(out, n, i, j);
    }
  }
}

/** Stores the products in `tile`, of rows from j on and columns from i on, to both triangles. */
function storeBoth(out: usize, n: i32, i: i32, j: i32): void {
  for (let c = j; c < min(j + 4, n); c++) {
    for (let r = i; r < min(i + 4, n); r++) {
      const value = f64.load(tile + ((<usize>(4 * (c - j) + r - i)) << 3));
      f64.store(out + ((<usize>(c * n + r)) << 3), value);
      f64.store(out + ((<usize>(r * n + c)) << 3), value);
    }
  }
}
