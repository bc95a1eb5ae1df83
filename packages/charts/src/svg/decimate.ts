import type { Place } from './path.ts';

/**
 * Reduces a long polyline to about `limit` places that look the same: the first, lowest, highest and last of each
 * stretch of x. Places must be ascending in x.
 */
export function decimatePlaces(places: readonly Place[], limit: number): readonly Place[] {
  const buckets = Math.max(1, Math.floor(limit / 4));
  if (places.length <= buckets * 4) return places;
  const size = places.length / buckets;
  return Array.from({ length: buckets }, (_, bucket) => {
    const [from, to] = [Math.floor(bucket * size), Math.floor((bucket + 1) * size)];
    let [lowest, highest] = [from, from];
    for (let i = from; i < to; i++) {
      if (places[i]![1] < places[lowest]![1]) lowest = i;
      if (places[i]![1] > places[highest]![1]) highest = i;
    }
    const kept = [...new Set([from, lowest, highest, to - 1])].sort((a, b) => a - b);
    return kept.map((i) => places[i]!);
  }).flat();
}

/** Number of places in one square of a grid. */
export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly count: number;
}

/** Counts places in a grid of squares with sides of `size`; x and y are the corner nearest to the origin. */
export function countByCell(places: readonly Place[], size: number): Cell[] {
  const cells = new Map<number, { x: number; y: number; count: number }>();
  for (const [x, y] of places) {
    const [column, row] = [Math.floor(x / size), Math.floor(y / size)];
    const key = row * 2 ** 20 + column;
    const cell = cells.get(key);
    if (cell) cell.count++;
    else cells.set(key, { x: column * size, y: row * size, count: 1 });
  }
  return [...cells.values()];
}

/** Returns the lowest and highest place of each of `count` stretches of x, to draw a noisy line as a band. */
export function computeEnvelope(places: readonly Place[], count: number): { upper: Place[]; lower: Place[] } {
  const stretches = Array.from({ length: count }, (_, i) =>
    places.slice(Math.floor((i * places.length) / count), Math.floor(((i + 1) * places.length) / count)),
  ).filter((stretch) => stretch.length);
  const bound = (pick: (...ys: number[]) => number): Place[] =>
    stretches.map((stretch) => [(stretch[0]![0] + stretch.at(-1)![0]) / 2, pick(...stretch.map(([, y]) => y))]);
  return { upper: bound(Math.min), lower: bound(Math.max) };
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
