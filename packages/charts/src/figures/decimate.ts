/** A place in the units of the axes. */
export type Place = readonly [x: number, y: number];

/** The interval of y at one x. */
export type Band = readonly [x: number, low: number, high: number];

/** A square of a grid and the number of places in it. */
export interface Cell {
  readonly column: number;
  readonly row: number;
  readonly count: number;
}

/** Squares of a grid in one row, next to each other. */
export interface CellRun extends Cell {
  /** Number of squares. `count` is that of all of them together. */
  readonly length: number;
}

/** Counts places by square; by row, then column. */
export function countByCell(places: readonly (readonly [column: number, row: number])[]): Cell[] {
  const counts = new Map<number, number>();
  for (const [column, row] of places) {
    const key = row * WIDEST + column;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([key, count]) => ({ column: key % WIDEST, row: Math.floor(key / WIDEST), count }));
}

/** Joins neighbors in a row. The cells are those of one shade, in the order of `countByCell`. */
export function joinCells(cells: readonly Cell[]): CellRun[] {
  const runs: { column: number; row: number; length: number; count: number }[] = [];
  for (const { column, row, count } of cells) {
    const last = runs.at(-1);
    if (last && last.row === row && last.column + last.length === column) {
      last.length++;
      last.count += count;
    } else runs.push({ column, row, length: 1, count });
  }
  return runs;
}

/** Columns are fewer than this. */
const WIDEST = 2 ** 20;

/** Returns the lowest and highest y of each of `count` stretches of x, to draw a noisy line as a band. */
export function computeEnvelope(places: readonly Place[], count: number): Band[] {
  const stretches = Array.from({ length: count }, (_, i) =>
    places.slice(Math.floor((i * places.length) / count), Math.floor(((i + 1) * places.length) / count)),
  ).filter((stretch) => stretch.length);
  return stretches.map((stretch) => {
    const ys = stretch.map(([, y]) => y);
    return [(stretch[0]![0] + stretch.at(-1)![0]) / 2, Math.min(...ys), Math.max(...ys)];
  });
}

/**
 * Computes the running mean over about `width` values. Windows are centered, shorter at the start so that the first
 * values keep their level, and one-sided at the end. Non-finite values are skipped; the mean is NaN only if a window
 * has no other values.
 */
export function computeRunningMean(values: ArrayLike<number>, width: number): Float64Array {
  const half = Math.max(0, Math.floor((width - 1) / 2));
  const sums = new Float64Array(values.length + 1);
  const counts = new Uint32Array(values.length + 1);
  for (let i = 0; i < values.length; i++) {
    const finite = Number.isFinite(values[i]);
    sums[i + 1] = sums[i]! + (finite ? Math.min(1e150, Math.max(-1e150, values[i]!)) : 0);
    counts[i + 1] = counts[i]! + (finite ? 1 : 0);
  }
  return Float64Array.from({ length: values.length }, (_, i) => {
    const [from, to] = [i - Math.min(half, i), Math.min(values.length, i + Math.min(half, i) + 1)];
    return (sums[to]! - sums[from]!) / (counts[to]! - counts[from]!);
  });
}
