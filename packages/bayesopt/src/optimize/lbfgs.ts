/**
 * An objective to minimise: writes the gradient at `x` and returns the value; NaN or ±Infinity mark a point to back
 * away from.
 */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  /** Bounds of each coordinate, shape [n]. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly maxIterations: number;
  /** Stops when no coordinate of the projected gradient exceeds this. */
  readonly gradientTolerance: number;
  /** Stops when a step improves the value by less than this. */
  readonly valueTolerance: number;
}

const MEMORY = 8;
const ARMIJO = 1e-4;
const MAX_BACKTRACKS = 20;

/**
 * Minimises within a box by projected L-BFGS: the two-loop recursion (Nocedal & Wright 2006, algorithm 7.4) on the
 * coordinates that are not held at a bound, steps projected onto the box with Armijo backtracking (Bertsekas 1982).
 * Deterministic; never throws.
 *
 * @param start shape [n]; clamped to the box first
 * @returns the best point met and its value, which is NaN only when the start's value was
 */
export function minimize(
  objective: Objective,
  start: Float64Array,
  options: LbfgsOptions,
): { x: Float64Array; value: number } {
  const { lower, upper } = options;
  const n = start.length;
  let x = start.map((value, i) => clamp(value, lower[i]!, upper[i]!));
  let gradient = new Float64Array(n);
  let value = objective(x, gradient);
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  if (!Number.isFinite(value)) return { x, value };

  for (let iteration = 0; iteration < options.maxIterations; iteration++) {
    const free = freeCoordinates(x, gradient, lower, upper);
    if (largest(gradient, free) <= options.gradientTolerance) break;
    let direction = twoLoop(gradient, free, pairs);
    if (dot(direction, gradient) >= 0) {
      pairs.length = 0;
      direction = twoLoop(gradient, free, pairs);
    }
    const next = lineSearch(objective, x, value, gradient, direction, options, pairs.length === 0);
    if (!next) {
      if (pairs.length === 0) break;
      pairs.length = 0; // a stale curvature estimate: try once more along the gradient
      continue;
    }
    remember(pairs, x, gradient, next.x, next.gradient);
    const gain = value - next.value;
    ({ x, value, gradient } = next);
    if (gain < options.valueTolerance) break;
  }
  return { x, value };
}

interface Step {
  x: Float64Array<ArrayBuffer>;
  value: number;
  gradient: Float64Array<ArrayBuffer>;
}

function lineSearch(
  objective: Objective,
  x: Float64Array,
  value: number,
  gradient: Float64Array,
  direction: Float64Array,
  { lower, upper }: LbfgsOptions,
  first: boolean,
): Step | undefined {
  // Without curvature the gradient's length says nothing: the first step moves no coordinate by more than a tenth of
  // the box.
  let scale = 1;
  if (first) {
    let longest = 0;
    for (let i = 0; i < x.length; i++)
      longest = Math.max(longest, Math.abs(direction[i]!) / Math.max(upper[i]! - lower[i]!, 1e-300));
    scale = longest > 0.1 ? 0.1 / longest : 1;
  }
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
    if (!moved) return undefined;
    const reached = objective(candidate, slope);
    if (Number.isFinite(reached) && reached <= value + ARMIJO * expected)
      return { x: candidate, value: reached, gradient: slope };
    scale *= Number.isFinite(reached) ? quadraticStep(value, expected, reached) : 0.1;
  }
  return undefined;
}

/** Minimiser of the parabola through the start, its slope and the failed step, kept within [0.1, 0.5]. */
function quadraticStep(value: number, expected: number, reached: number): number {
  const curvature = reached - value - expected;
  return curvature > 0 ? clamp(-expected / (2 * curvature), 0.1, 0.5) : 0.5;
}

function freeCoordinates(
  x: Float64Array,
  gradient: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
): Uint8Array {
  const free = new Uint8Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const held = (x[i]! <= lower[i]! && gradient[i]! > 0) || (x[i]! >= upper[i]! && gradient[i]! < 0);
    free[i] = held ? 0 : 1;
  }
  return free;
}

function twoLoop(
  gradient: Float64Array,
  free: Uint8Array,
  pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
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

function remember(
  pairs: { s: Float64Array; y: Float64Array; rho: number }[],
  x: Float64Array,
  gradient: Float64Array,
  nextX: Float64Array,
  nextGradient: Float64Array,
): void {
  const s = nextX.map((value, i) => value - x[i]!);
  const y = nextGradient.map((value, i) => value - gradient[i]!);
  const curvature = dot(s, y);
  if (curvature <= 1e-10 * dot(y, y)) return; // would make the inverse Hessian indefinite or huge
  pairs.push({ s, y, rho: 1 / curvature });
  if (pairs.length > MEMORY) pairs.shift();
}

function largest(gradient: Float64Array, free: Uint8Array): number {
  let most = 0;
  for (let i = 0; i < gradient.length; i++) if (free[i]) most = Math.max(most, Math.abs(gradient[i]!));
  return most;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function clamp(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x;
}
