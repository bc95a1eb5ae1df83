/** The weights that a training went through, one array per snapshot, all of the same length. */
export type WeightPath = readonly ArrayLike<number>[];

/** A plane through the weights of a layer: origin + x · first + y · second. */
export interface Slice {
  readonly origin: Float64Array;
  /** Orthonormal; the principal directions of all snapshots. */
  readonly directions: readonly [first: Float64Array, second: Float64Array];
  /** Share of the variation of all snapshots around their mean that lies in the plane, 0 to 1. */
  readonly share: number;
}

/** A path as it is seen in a slice. */
export interface ProjectedPath {
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Share of the squared distances from the start that lies in the plane; null for a path that never moves. */
  readonly share: number | null;
}

/** Iterations separate the directions; if two are close, they mix, and the plane stays the same. */
const ITERATIONS = 300;

/**
 * Finds the plane with the largest share of the variation of the paths: their first two principal components. All
 * snapshots count alike.
 */
export function findSlice(paths: readonly WeightPath[]): Slice {
  const snapshots = paths.flat();
  const size = snapshots[0]!.length;
  const origin = new Float64Array(size);
  for (const weights of snapshots)
    for (let i = 0; i < size; i++) origin[i] = origin[i]! + weights[i]! / snapshots.length;
  const rows = snapshots.map((weights) => origin.map((mean, i) => weights[i]! - mean));
  const total = rows.reduce((sum, row) => sum + multiply(row, row), 0);
  const first = findDirection(rows, []);
  const second = findDirection(rows, [first]);
  const inPlane = rows.reduce((sum, row) => sum + multiply(row, first) ** 2 + multiply(row, second) ** 2, 0);
  return { origin, directions: [first, second], share: total > 0 ? Math.min(1, inPlane / total) : 1 };
}

/** Returns where the path lies in the plane, and how much of it does. */
export function projectPath(path: WeightPath, { origin, directions }: Slice): ProjectedPath {
  const [first, second] = directions;
  const points = path.map((weights) => {
    const row = origin.map((mean, i) => weights[i]! - mean);
    return [multiply(row, first), multiply(row, second)] as const;
  });
  const start = path[0]!;
  let [total, inPlane] = [0, 0];
  for (const [k, weights] of path.entries()) {
    const moved = origin.map((_, i) => weights[i]! - start[i]!);
    total += multiply(moved, moved);
    inPlane += (points[k]![0] - points[0]![0]) ** 2 + (points[k]![1] - points[0]![1]) ** 2;
  }
  return { points, share: total > 0 ? Math.min(1, inPlane / total) : null };
}

/** Returns the weights at a point of the slice. */
export function placeInSlice({ origin, directions: [first, second] }: Slice, x: number, y: number): Float32Array {
  return Float32Array.from(origin, (mean, i) => mean + x * first[i]! + y * second[i]!);
}

/** Finds the direction of the largest variation that is orthogonal to `found`, by power iteration. */
function findDirection(rows: readonly Float64Array[], found: readonly Float64Array[]): Float64Array {
  const size = rows[0]!.length;
  // Not orthogonal to any axis, and without the symmetries that trained weights may have.
  let direction = normalize(Float64Array.from({ length: size }, (_, i) => 1 + Math.sin(i + 1 + found.length)));
  for (let k = 0; k < ITERATIONS; k++) {
    const next = new Float64Array(size);
    for (const row of rows) addMultiple(next, row, multiply(row, direction));
    for (const other of found) addMultiple(next, other, -multiply(next, other));
    if (multiply(next, next) === 0) break;
    direction = normalize(next);
  }
  for (const other of found) addMultiple(direction, other, -multiply(direction, other));
  // The sign is free: the largest entry is positive, so that equal data give an equal figure.
  const largest = direction.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return normalize(largest < 0 ? direction.map((value) => -value) : direction);
}

function multiply(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addMultiple(target: Float64Array, values: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = target[i]! + factor * values[i]!;
}

function normalize(values: Float64Array): Float64Array {
  const length = Math.sqrt(multiply(values, values));
  return length > 0 ? values.map((value) => value / length) : values;
}
