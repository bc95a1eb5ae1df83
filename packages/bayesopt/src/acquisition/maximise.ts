import { minimize } from '../optimize/lbfgs.ts';
import type { Random } from '../random/random.ts';
import { sobol } from '../random/sobol.ts';
import type { Axis } from '../space/axis.ts';
import type { Acquisition } from './scenario-ei.ts';

/** Where and how to look for the acquisition's maximum. */
export interface SearchPlan {
  readonly axes: readonly Axis[];
  /** Box within the unit cube, shape [d] each. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Lengthscales, shape [d]: the unit of local steps, and the preconditioner of the climb. */
  readonly lengthscales: Float64Array;
  /** Good known points to look around, best first; each of shape [d]. */
  readonly anchors: readonly Float64Array[];
  /** Points spread over the box, and points around each anchor. */
  readonly spread: number;
  readonly local: number;
  /** Candidates that are climbed from. */
  readonly climbs: number;
  readonly random: Random;
  readonly seed: number;
}

export interface Candidate {
  readonly x: Float64Array;
  readonly value: number;
}

/** Discrete axes with at most this many values are searched value by value; finer ones are climbed and snapped. */
const ENUMERATED = 24;
/** Steps of a local candidate, in lengthscales. */
const LOCAL_SCALES = [0.3, 0.1, 0.03, 0.01, 0.001] as const;

/**
 * Candidates in falling order of acquisition: the ends of climbs first found, then the raw ones, so that a caller can
 * take the best that is new. Every candidate lies on the space's grid.
 */
export function maximise(acquisition: Acquisition, plan: SearchPlan): Candidate[] {
  const d = plan.axes.length;
  const raw = [spreadPoints(plan), ...plan.anchors.map((anchor) => around(anchor, plan))];
  const candidates = raw.flatMap((points) => {
    const values = acquisition.values(points);
    const group = Array.from(values, (value, i) => ({
      x: points.slice(i * d, (i + 1) * d),
      value: Number.isNaN(value) ? -Infinity : value,
    }));
    return [group.sort(byValue)];
  });
  const starts = chooseStarts(candidates, plan);
  const climbed = starts.map((start) => refine(acquisition, start, plan));
  return [...climbed, ...candidates.flat()].sort(byValue);
}

function byValue(a: Candidate, b: Candidate): number {
  return b.value - a.value;
}

/** The best of the spread and of the local points in turn; the space-wide ones get the larger half. */
function chooseStarts(groups: readonly Candidate[][], plan: SearchPlan): Candidate[] {
  const [wide = [], ...local] = groups;
  const near = local.flat().sort(byValue);
  const apart: Candidate[] = [];
  for (const pool of [wide, near]) {
    const limit = apart.length + Math.ceil(plan.climbs / 2);
    for (const candidate of pool) {
      if (apart.length >= limit) break;
      if (apart.every((other) => distance(other.x, candidate.x, plan.lengthscales) > (pool === wide ? 0.1 : 1e-3)))
        apart.push(candidate);
    }
  }
  return apart;
}

function distance(a: Float64Array, b: Float64Array, lengthscales: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i]! - b[i]!) / Math.min(1, lengthscales[i]!)) ** 2;
  return Math.sqrt(sum);
}

function spreadPoints({ axes, lower, upper, spread, seed }: SearchPlan): Float64Array {
  const d = axes.length;
  const points = sobol(spread, d, seed);
  for (let i = 0; i < spread; i++) {
    axes.forEach((axis, a) => {
      const at = i * d + a;
      const whole = lower[a]! <= 0 && upper[a]! >= 1;
      if (whole && Number.isFinite(axis.count)) points[at] = axis.encode(axis.draw(points[at]!));
      else points[at] = snap(axis, lower[a]! + points[at]! * (upper[a]! - lower[a]!));
    });
  }
  return points;
}

/**
 * Perturbs a few coordinates (in expectation at most 10) by normal steps of several sizes; axes without order are
 * redrawn.
 */
function around(anchor: Float64Array, { axes, lower, upper, lengthscales, local, random }: SearchPlan): Float64Array {
  const d = axes.length;
  const share = Math.min(1, Math.max(10 / d, 0.1));
  const points = new Float64Array(local * d);
  for (let i = 0; i < local; i++) {
    const scale = LOCAL_SCALES[i % LOCAL_SCALES.length]!;
    axes.forEach((axis, a) => {
      let value = anchor[a]!;
      if (axis.categorical) {
        if (random.uniform() < Math.min(0.3, 1.5 / d)) value = axis.encode(axis.draw(random.uniform()));
      } else if (random.uniform() < share) {
        const step = random.normal() * scale * Math.min(1, lengthscales[a]!);
        value = Number.isFinite(axis.count) ? jump(axis, value, step, random) : value + step;
      }
      points[i * d + a] = snap(axis, clamp(value, lower[a]!, upper[a]!));
    });
  }
  return points;
}

/** A step on a discrete axis, at least to a neighbour every other time. */
function jump(axis: Axis, value: number, step: number, random: Random): number {
  const neighbour = Math.sign(step) / (axis.count - 1);
  return Math.abs(step) < Math.abs(neighbour) && random.uniform() < 0.5 ? value + neighbour : value + step;
}

export function snap(axis: Axis, coordinate: number): number {
  return Number.isFinite(axis.count) ? axis.encode(axis.decode(coordinate)) : coordinate;
}

function clamp(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x;
}

/** Climbs the ordered axes by gradient, then tries the values of discrete ones, in turn until nothing improves. */
function refine(acquisition: Acquisition, start: Candidate, plan: SearchPlan): Candidate {
  let best = climb(acquisition, start, plan);
  if (plan.axes.every((axis) => axis.count === Infinity)) return best;
  for (let round = 0; round < 4; round++) {
    const next = tryValues(acquisition, best, plan);
    if (next.value <= best.value) break;
    best = climb(acquisition, next, plan);
  }
  return best;
}

function climb(
  acquisition: Acquisition,
  start: Candidate,
  { axes, lower, upper, lengthscales }: SearchPlan,
): Candidate {
  const unit = lengthscales.map((lengthscale) => Math.min(1, Math.max(1e-3, lengthscale)));
  const held = axes.map((axis) => axis.categorical || axis.count <= ENUMERATED);
  if (held.every(Boolean)) return start;
  const low = unit.map((u, a) => (held[a] ? start.x[a]! : Math.min(lower[a]!, start.x[a]!)) / u);
  const high = unit.map((u, a) => (held[a] ? start.x[a]! : Math.max(upper[a]!, start.x[a]!)) / u);
  const objective = (scaled: Float64Array, gradient: Float64Array): number => {
    const x = scaled.map((value, a) => (held[a] ? start.x[a]! : value * unit[a]!));
    const value = -acquisition.climb(x, gradient);
    for (let a = 0; a < unit.length; a++) gradient[a] = held[a] ? 0 : -gradient[a]! * unit[a]!;
    return value;
  };
  const { x } = minimize(
    objective,
    start.x.map((value, a) => value / unit[a]!),
    {
      lower: low,
      upper: high,
      maxIterations: 40,
      gradientTolerance: 1e-5,
      valueTolerance: 1e-6,
    },
  );
  const end = x.map((value, a) => (held[a] ? start.x[a]! : snap(axes[a]!, clamp(value * unit[a]!, 0, 1))));
  const value = acquisition.values(end)[0]!;
  return value > start.value ? { x: end, value } : start;
}

/**
 * The best of all points that differ in one discrete coordinate: every value of a coarse axis, the neighbours on a fine
 * one.
 */
function tryValues(acquisition: Acquisition, from: Candidate, { axes, lower, upper }: SearchPlan): Candidate {
  const points: number[] = [];
  axes.forEach((axis, a) => {
    if (axis.count === Infinity) return;
    const values =
      axis.count <= ENUMERATED
        ? Array.from({ length: axis.count }, (_, k) => axis.encode(axis.at(k)))
        : [-2, -1, 1, 2].map((step) => neighbour(axis, from.x[a]!, step));
    for (const value of values) {
      if (value === from.x[a] || value < lower[a]! || value > upper[a]!) continue;
      const point = Array.from(from.x);
      point[a] = value;
      points.push(...point);
    }
  });
  if (points.length === 0) return from;
  const flat = Float64Array.from(points);
  const values = acquisition.values(flat);
  let best = from;
  const d = axes.length;
  values.forEach((value, i) => {
    if (value > best.value) best = { x: flat.slice(i * d, (i + 1) * d), value };
  });
  return best;
}

/** Coordinate of a value `step` places away on a fine integer axis. */
function neighbour(axis: Axis, coordinate: number, step: number): number {
  const value = axis.decode(coordinate);
  const next = axis.decode(clamp(coordinate + step / (axis.count - 1), 0, 1));
  if (typeof value === 'number' && Number.isInteger(value) && next === value)
    return axis.encode(value + Math.sign(step));
  return axis.encode(next);
}
