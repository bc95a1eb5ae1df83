import { clamp } from './clamp.ts';

/**
 * An objective to minimize. Writes the gradient at `x` and returns the value. NaN or ±Infinity marks a point that the
 * search must step back from.
 */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  /** Bounds of each coordinate, shape [n]. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly maxIterations: number;
  /** Stops if no coordinate of the projected gradient exceeds this. */
  readonly gradientTolerance: number;
  /** Stops if a step improves the value by less than this. */
  readonly valueTolerance: number;
}

const MEMORY = 8;
const ARMIJO = 1e-4;
const MAX_BACKTRACKS = 20;

/** A point with its value and gradient. */
interface Iterate {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

/** A change of x with the change of the gradient, and 1/(s·y). */
interface CurvaturePair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

/**
 * Minimizes within a box by projected L-BFGS: the two-loop recursion (Nocedal & Wright 2006, algorithm 7.4) on the
 * coordinates that are not held at a bound, with steps projected onto the box and Armijo backtracking (Bertsekas 1982).
 * Deterministic; never throws.
 *
 * @param start shape [n]; clamped to the box first
 * @returns the best point found and its value, which is NaN only if the value at the start is NaN
 */
export function minimizeInBox(
  objective: Objective,
  start: Float64Array,
  options: LbfgsOptions,
): { x: Float64Array; value: number } {
  const { lower, upper, valueTolerance } = options;
  const x = start.map((value, i) => clamp(value, lower[i]!, upper[i]!));
  const gradient = new Float64Array(start.length);
  let current: Iterate = { x, value: objective(x, gradient), gradient };
  if (!Number.isFinite(current.value)) return { x, value: current.value };

  const pairs: CurvaturePair[] = [];
  for (let iteration = 0; iteration < options.maxIterations; iteration++) {
    const free = findFreeCoordinates(current, options);
    if (findLargest(current.gradient, free) <= options.gradientTolerance) break;
    const direction = chooseDirection(current.gradient, free, pairs);
    const longestMove = pairs.length === 0 ? FIRST_MOVE : Infinity;
    const next = searchLine(objective, current, { direction, longestMove, lower, upper, valueTolerance });
    if (!next) {
      if (pairs.length === 0) break;
      pairs.length = 0; // the curvature estimate is stale: try once more along the gradient
      continue;
    }
    rememberPair(pairs, current, next);
    const gain = current.value - next.value;
    current = next;
    if (gain < valueTolerance) break;
  }
  return { x: current.x, value: current.value };
}

/** Returns a descent direction. Clears the curvature pairs if they give none. */
function chooseDirection(gradient: Float64Array, free: Uint8Array, pairs: CurvaturePair[]): Float64Array {
  const direction = applyTwoLoop(gradient, free, pairs);
  if (dot(direction, gradient) >= 0) {
    pairs.length = 0;
    return applyTwoLoop(gradient, free, pairs);
  }
  return direction;
}

/** Share of the box by which the first step moves a coordinate at most; without curvature its length is arbitrary. */
const FIRST_MOVE = 0.1;

interface Line {
  readonly direction: Float64Array;
  /** Share of the box by which a coordinate may move at most. */
  readonly longestMove: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Steps from which a smaller gain is expected are not tried: rounding can hide it. */
  readonly valueTolerance: number;
}

/** Returns the first point along the projected line that satisfies the Armijo condition. */
function searchLine(objective: Objective, from: Iterate, line: Line): Iterate | undefined {
  const { direction, lower, upper, valueTolerance } = line;
  const { x, value, gradient } = from;
  let scale = chooseFirstScale(line);
  const candidate = new Float64Array(x.length);
  const slope = new Float64Array(x.length);
  for (let tries = 0; tries < MAX_BACKTRACKS; tries++) {
    let expected = 0;
    let moved = false;
    for (let i = 0; i < x.length; i++) {
      candidate[i] = clamp(x[i]! + scale * direction[i]!, lower[i]!, upper[i]!);
      expected += gradient[i]! * (candidate[i]! - x[i]!);
      moved ||= candidate[i] !== x[i];
    }
    if (!moved || -expected < valueTolerance) return undefined;
    const reached = objective(candidate, slope);
    if (Number.isFinite(reached) && reached <= value + ARMIJO * expected) {
      return { x: candidate, value: reached, gradient: slope };
    }
    scale *= Number.isFinite(reached) ? chooseBacktrack(value, expected, reached) : 0.1;
  }
  return undefined;
}

function chooseFirstScale({ direction, longestMove, lower, upper }: Line): number {
  if (longestMove === Infinity) return 1;
  let longest = 0;
  for (let i = 0; i < direction.length; i++) {
    longest = Math.max(longest, Math.abs(direction[i]!) / Math.max(upper[i]! - lower[i]!, 1e-300));
  }
  return longest > longestMove ? longestMove / longest : 1;
}

/** Returns the minimizer of the parabola through the start, its slope and the failed step, kept within [0.1, 0.5]. */
function chooseBacktrack(value: number, expected: number, reached: number): number {
  const curvature = reached - value - expected;
  return curvature > 0 ? clamp(-expected / (2 * curvature), 0.1, 0.5) : 0.5;
}

/** Marks the coordinates that the gradient does not push against a bound. */
function findFreeCoordinates({ x, gradient }: Iterate, { lower, upper }: LbfgsOptions): Uint8Array {
  const free = new Uint8Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const held = (x[i]! <= lower[i]! && gradient[i]! > 0) || (x[i]! >= upper[i]! && gradient[i]! < 0);
    free[i] = held ? 0 : 1;
  }
  return free;
}

function applyTwoLoop(gradient: Float64Array, free: Uint8Array, pairs: readonly CurvaturePair[]): Float64Array {
  const q = gradient.map((g, i) => (free[i] ? g : 0));
  const alphas = new Float64Array(pairs.length);
  for (let j = pairs.length - 1; j >= 0; j--) {
    const { s, y, rho } = pairs[j]!;
    alphas[j] = rho * dot(s, q);
    for (let i = 0; i < q.length; i++) q[i]! -= alphas[j]! * y[i]!;
  }
  const last = pairs.at(-1);
  const scale = last ? 1 / (last.rho * dot(last.y, last.y)) : 1;
  for (let i = 0; i < q.length; i++) q[i]! *= scale;
  for (let j = 0; j < pairs.length; j++) {
    const { s, y, rho } = pairs[j]!;
    const beta = rho * dot(y, q);
    for (let i = 0; i < q.length; i++) q[i]! += (alphas[j]! - beta) * s[i]!;
  }
  return q.map((value, i) => (free[i] ? -value : 0));
}

function rememberPair(pairs: CurvaturePair[], from: Iterate, to: Iterate): void {
  const s = to.x.map((value, i) => value - from.x[i]!);
  const y = to.gradient.map((value, i) => value - from.gradient[i]!);
  const curvature = dot(s, y);
  if (curvature <= 1e-10 * dot(y, y)) return; // would make the inverse Hessian indefinite or very large
  pairs.push({ s, y, rho: 1 / curvature });
  if (pairs.length > MEMORY) pairs.shift();
}

function findLargest(gradient: Float64Array, free: Uint8Array): number {
  let most = 0;
  for (let i = 0; i < gradient.length; i++) if (free[i]) most = Math.max(most, Math.abs(gradient[i]!));
  return most;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
