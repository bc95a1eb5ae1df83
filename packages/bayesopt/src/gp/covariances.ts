import { openDense } from '../math/dense.ts';
import type { Kernel } from './kernel.ts';

/** A kernel and the metric of its points. */
export interface Metric {
  readonly kernel: Kernel;
  /** ℓ, shape [d]. */
  readonly lengthscales: Float64Array;
  /** Shape [d]; 1 marks an axis without order: its distance is 0 if the values are equal, otherwise 1 (Hamming). */
  readonly categorical: Uint8Array;
}

/** What of a kernel to evaluate. */
export interface Evaluation {
  /** Factor of the values. */
  readonly scale: number;
  /** Factor of the slopes; absent if they are not needed. */
  readonly slopeScale?: number;
}

/** Values and slopes of pairs. They are views of memory that the next call of anything dense overwrites. */
interface PairViews {
  readonly values: Float64Array;
  /** ∂k/∂(r²); empty if no slopes were asked for. */
  readonly slopes: Float64Array;
}

/** Evaluates the kernel between `count` points of shape [count, d] and `n` points `x`: shape [count, n] each. */
export function evaluateAll(
  metric: Metric,
  { points, count }: { points: Float64Array; count: number },
  { x, n }: { x: Float64Array; n: number },
  evaluation: Evaluation,
): PairViews {
  return evaluatePoints(metric, { points, count }, { x, first: n, more: 0, pairs: count * n }, evaluation);
}

/**
 * Evaluates the kernel between each of the points `from` … n − 1 of `x` and the ones before it, packed: the pairs of
 * point `from`, then of the next, and so on.
 */
export function evaluateTriangle(
  metric: Metric,
  { x, from, n }: { x: Float64Array; from: number; n: number },
  evaluation: Evaluation,
): PairViews {
  const d = metric.lengthscales.length;
  const pairs = (n * (n - 1) - from * (from - 1)) / 2;
  const rows = { points: x.subarray(from * d), count: n - from };
  return evaluatePoints(metric, rows, { x, first: from, more: 1, pairs }, evaluation);
}

function evaluatePoints(
  { kernel, lengthscales, categorical }: Metric,
  { points, count }: { points: Float64Array; count: number },
  { x, first, more, pairs }: { x: Float64Array; first: number; more: number; pairs: number },
  { scale, slopeScale }: Evaluation,
): PairViews {
  const d = lengthscales.length;
  const atX = count * d;
  const atAxes = atX + (first + count * more + 1) * d;
  const atValues = atAxes + 2 * d;
  const hasSlopes = slopeScale !== undefined;
  const atSlopes = atValues + pairs + 1;
  const { functions, start, numbers } = openDense(atSlopes + (hasSlopes ? pairs + 1 : 0));
  numbers.set(points.subarray(0, count * d));
  numbers.set(x.subarray(0, (first + count * more) * d), atX);
  for (let c = 0; c < d; c++) {
    numbers[atAxes + c] = 1 / (lengthscales[c]! * lengthscales[c]!);
    numbers[atAxes + d + c] = categorical[c]!;
  }
  const place = (at: number): number => start + 8 * at;
  functions.covariances(
    kernel.name === 'matern52' ? 1 : 0,
    start,
    count,
    place(atX),
    d,
    first,
    more,
    place(atAxes),
    place(atValues),
    hasSlopes ? place(atSlopes) : 0,
    0,
    scale,
    slopeScale ?? 0,
  );
  return {
    values: numbers.subarray(atValues, atValues + pairs),
    slopes: numbers.subarray(atSlopes, hasSlopes ? atSlopes + pairs : atSlopes),
  };
}
