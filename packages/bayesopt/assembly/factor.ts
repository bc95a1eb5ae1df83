import { pack, unpack } from './panel';
import { multiplyPanels, tile } from './products';
import { solvePanel } from './solve';

/**
 * Factors rows `from` … `to` − 1 of A = L·Lᵀ in place; rows before `from` hold L. `scratch` has space for 4·to numbers.
 * Returns false if a pivot is not positive.
 */
export function factorRows(a: usize, stride: usize, from: i32, to: i32, scratch: usize): bool {
  for (let i = from; i < to; i += 4) {
    const rows = min(4, to - i);
    const block = a + <usize>i * stride;
    pack(block, stride, rows, i, scratch);
    solvePanel(a, stride, scratch, 0, i);
    unpack(scratch, i, block, stride, rows);
    multiplyPanels(scratch, scratch, 0, i);
    if (!factorTriangle(block + ((<usize>i) << 3), stride, rows)) return false;
  }
  return true;
}

/** Factors the triangle of `count` rows at `a`, from the products of these rows over the columns before, in `tile`. */
function factorTriangle(a: usize, stride: usize, count: i32): bool {
  for (let r = 0; r < count; r++) {
    const row = a + <usize>r * stride;
    for (let c = 0; c <= r; c++) {
      const other = a + <usize>c * stride;
      let sum = f64.load(tile + ((<usize>(4 * r + c)) << 3));
      for (let k: usize = 0; k < (<usize>c) << 3; k += 8) sum += f64.load(row + k) * f64.load(other + k);
      const at = row + ((<usize>c) << 3);
      const rest = f64.load(at) - sum;
      if (c < r) f64.store(at, rest / f64.load(other + ((<usize>c) << 3)));
      else if (rest > 0) f64.store(at, Math.sqrt(rest));
      else return false;
    }
  }
  return true;
}
