// A panel holds four rows of a matrix side by side: entry k of row r is number 4k + r. Two vectors of two numbers hold
// entry k of all four rows.

/** Bytes of one entry of all four rows. */
export const ENTRY: usize = 32;

/** Number of panels that are worked on together. About 100 KB at 400 columns stay in the second-level cache. */
export const GROUP: i32 = 8;

/** Copies columns 0 … n − 1 of `count` (1 to 4) rows to a panel; missing rows are 0. */
export function pack(rows: usize, stride: usize, count: i32, n: i32, panel: usize): void {
  const end = panel + <usize>n * ENTRY;
  for (let at = panel; at < end; at += ENTRY, rows += 8) {
    f64.store(at, f64.load(rows));
    f64.store(at, count > 1 ? f64.load(rows + stride) : 0, 8);
    f64.store(at, count > 2 ? f64.load(rows + 2 * stride) : 0, 16);
    f64.store(at, count > 3 ? f64.load(rows + 3 * stride) : 0, 24);
  }
}

/** Copies columns 0 … n − 1 of a panel to `count` (1 to 4) rows. */
export function unpack(panel: usize, n: i32, rows: usize, stride: usize, count: i32): void {
  const end = panel + <usize>n * ENTRY;
  for (let at = panel; at < end; at += ENTRY, rows += 8) {
    f64.store(rows, f64.load(at));
    if (count > 1) f64.store(rows + stride, f64.load(at, 8));
    if (count > 2) f64.store(rows + 2 * stride, f64.load(at, 16));
    if (count > 3) f64.store(rows + 3 * stride, f64.load(at, 24));
  }
}
