import { clamp } from '../math/clamp.ts';
import { minimizeInBox } from '../math/lbfgs.ts';
import type { Random } from '../random/random.ts';
import { createSobolPoints } from '../random/sobol.ts';
import type { Axis } from '../space/axis.ts';
import type { Space } from '../space/space.ts';
import type { Acquisition } from './scenario-improvement.ts';

/** Where and how to search for the maximum of the acquisition. */
export interface SearchPlan {
  readonly space: Space;
  /** Box within the unit cube, shape [d] each. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Lengthscales, shape [d]: the unit of local steps and the preconditioner of the climb. */
  readonly lengthscales: Float64Array;
  /** Good known points to search around, best first; each of shape [d]. */
  readonly anchors: readonly Float64Array[];
  /** Number of points spread over the box. */
  readonly spread: number;
  /** Number of points around each anchor. */
  readonly local: number;
  /** Number of candidates to climb from. */
  readonly climbs: number;
  readonly random: Random;
  readonly seed: number;
}

export interface Candidate {
  readonly x: Float64Array;
  readonly value: number;
}

/** A discrete axis with at most this many values is searched value by value; a finer one is climbed and snapped. */
const ENUMERATED = 24;
/** Points that are spread over the box for each one that is used, at most, if constraints exclude some. */
const OVERSAMPLING = 8;
/** Halvings of the way to the end of a climb that constraints exclude. */
const HALVINGS = 20;
/** Steps of a local candidate, in lengthscales. */
const LOCAL_SCALES = [0.3, 0.1, 0.03, 0.01, 0.001] as const;
/** Rounds of climbing the ordered axes and then trying values of discrete ones. */
const REFINEMENTS = 4;
/** Values of all discrete axes up to which each round tries all of them. */
const MOST_VALUES = 512;
/** With more, the axes are tried in blocks of about so many values, this many blocks in all. It bounds the time. */
const BLOCK_VALUES = 128;
const MOST_BLOCKS = 16;

/**
 * Lists candidates by decreasing acquisition: the ends of the climbs and the points that were only evaluated. The
 * caller takes the best one that is new. Every candidate lies on the grid of the space.
 */
export function maximizeAcquisition(unconstrained: Acquisition, plan: SearchPlan): Candidate[] {
  const acquisition = excludePoints(unconstrained, plan.space);
  const d = plan.space.axes.length;
  const raw = [createSpreadPoints(plan), ...plan.anchors.map((anchor) => createLocalPoints(anchor, plan))];
  const groups = raw.map((points) => {
    const values = acquisition.evaluate(points);
    const group = Array.from(values, (value, i) => ({
      x: points.slice(i * d, (i + 1) * d),
      value: Number.isNaN(value) ? -Infinity : value,
    }));
    return group.sort(compareCandidates);
  });
  const climbed = chooseStarts(groups, plan).map((start) => refineCandidate(acquisition, start, plan));
  return [...climbed, ...groups.flat()].sort(compareCandidates);
}

/** Makes the values at points that constraints exclude −∞. Gradients are those of the acquisition everywhere. */
function excludePoints(acquisition: Acquisition, space: Space): Acquisition {
  if (!space.isConstrained) return acquisition;
  const d = space.axes.length;
  return {
    evaluate: (points) =>
      acquisition
        .evaluate(points)
        .map((value, i) => (isAllowed(space, points.subarray(i * d, (i + 1) * d)) ? value : -Infinity)),
    evaluateWithGradient: (x, gradient) => acquisition.evaluateWithGradient(x, gradient),
  };
}

function isAllowed(space: Space, x: Float64Array): boolean {
  return !space.isConstrained || space.allows(space.decode(x));
}

function compareCandidates(a: Candidate, b: Candidate): number {
  return b.value - a.value;
}

/** Chooses the best of the spread points and then of the local ones; the spread points get the larger half. */
function chooseStarts(groups: readonly Candidate[][], plan: SearchPlan): Candidate[] {
  const [wide = [], ...local] = groups;
  const near = local.flat().sort(compareCandidates);
  const starts: Candidate[] = [];
  for (const pool of [wide, near]) {
    const limit = starts.length + Math.ceil(plan.climbs / 2);
    const separation = pool === wide ? 0.1 : 1e-3;
    for (const candidate of pool) {
      if (starts.length >= limit) break;
      if (starts.every((other) => measureDistance(other.x, candidate.x, plan.lengthscales) > separation)) {
        starts.push(candidate);
      }
    }
  }
  return starts;
}

function measureDistance(a: Float64Array, b: Float64Array, lengthscales: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i]! - b[i]!) / Math.min(1, lengthscales[i]!)) ** 2;
  return Math.sqrt(sum);
}

function createSpreadPoints(plan: SearchPlan): Float64Array {
  const { space, spread } = plan;
  if (!space.isConstrained) return placeSpreadPoints(plan, spread);
  const d = space.axes.length;
  const points = placeSpreadPoints(plan, OVERSAMPLING * spread);
  const kept: number[] = [];
  for (let i = 0; i < OVERSAMPLING * spread && kept.length < spread * d; i++) {
    const x = points.subarray(i * d, (i + 1) * d);
    if (isAllowed(space, x)) kept.push(...x);
  }
  return Float64Array.from(kept);
}

/** Places `count` points of a Sobol sequence in the box. */
function placeSpreadPoints({ space, lower, upper, seed }: SearchPlan, count: number): Float64Array {
  const { axes } = space;
  const d = axes.length;
  const points = createSobolPoints(count, d, seed);
  for (let i = 0; i < count; i++) {
    axes.forEach((axis, a) => {
      const at = i * d + a;
      const isWhole = lower[a]! <= 0 && upper[a]! >= 1;
      if (isWhole && Number.isFinite(axis.count)) points[at] = axis.encode(axis.draw(points[at]!));
      else points[at] = snapToAxis(axis, lower[a]! + points[at]! * (upper[a]! - lower[a]!));
    });
  }
  space.settle(points);
  return points;
}

/**
 * Creates points around an anchor. Perturbs a few coordinates (at most 10 in expectation) by normal steps of several
 * sizes. Redraws axes without order, and those that the anchor has no value for.
 */
function createLocalPoints(anchor: Float64Array, plan: SearchPlan): Float64Array {
  const { space, lower, upper, lengthscales, local, random } = plan;
  const { axes } = space;
  const d = axes.length;
  const active = space.findActive(anchor);
  const share = Math.min(1, Math.max(10 / d, 0.1));
  const points = new Float64Array(local * d);
  for (let i = 0; i < local; i++) {
    const scale = LOCAL_SCALES[i % LOCAL_SCALES.length]!;
    axes.forEach((axis, a) => {
      let value = anchor[a]!;
      if (!active[a]) value = axis.encode(axis.draw(random.uniform()));
      else if (axis.categorical) {
        if (random.uniform() < Math.min(0.3, 1.5 / d)) value = axis.encode(axis.draw(random.uniform()));
      } else if (random.uniform() < share) {
        const step = random.normal() * scale * Math.min(1, lengthscales[a]!);
        value = Number.isFinite(axis.count) ? stepDiscrete(axis, value, step, random) : value + step;
      }
      points[i * d + a] = snapToAxis(axis, clamp(value, lower[a]!, upper[a]!));
    });
  }
  space.settle(points);
  return points;
}

/** Steps on a discrete axis. Half of the steps that would stay in place go to a neighbor instead. */
function stepDiscrete(axis: Axis, value: number, step: number, random: Random): number {
  const neighbor = Math.sign(step) / (axis.count - 1);
  return Math.abs(step) < Math.abs(neighbor) && random.uniform() < 0.5 ? value + neighbor : value + step;
}

function snapToAxis(axis: Axis, coordinate: number): number {
  return Number.isFinite(axis.count) ? axis.encode(axis.decode(coordinate)) : coordinate;
}

/** Climbs the ordered axes by gradient, then tries values of the discrete ones, until nothing improves. */
function refineCandidate(acquisition: Acquisition, start: Candidate, plan: SearchPlan): Candidate {
  let best = climbFrom(acquisition, start, plan);
  const { axes } = plan.space;
  const discrete = [...axes.keys()].filter((a) => axes[a]!.count < Infinity);
  if (discrete.length === 0) return best;
  if (countTriedValues(plan, discrete) > MOST_VALUES) return refineInBlocks(acquisition, best, plan, discrete);
  for (let round = 0; round < REFINEMENTS; round++) {
    const next = tryDiscreteValues(acquisition, best, plan, discrete);
    if (next.value <= best.value) break;
    best = climbFrom(acquisition, next, plan);
  }
  return best;
}

/** Tries the discrete axes block by block, in a random order, and keeps the best value of each block. */
function refineInBlocks(
  acquisition: Acquisition,
  start: Candidate,
  plan: SearchPlan,
  discrete: readonly number[],
): Candidate {
  const order = discrete.map((a) => ({ a, rank: plan.random.uniform() })).sort((x, y) => x.rank - y.rank);
  const blocks: number[][] = [[]];
  for (const { a } of order) {
    const block = blocks.at(-1)!;
    if (block.length === 0 || countTriedValues(plan, [...block, a]) <= BLOCK_VALUES) block.push(a);
    else blocks.push([a]);
  }
  let best = start;
  for (const block of blocks.slice(0, MOST_BLOCKS)) best = tryDiscreteValues(acquisition, best, plan, block);
  return climbFrom(acquisition, best, plan);
}

function countTriedValues({ space: { axes } }: SearchPlan, indices: readonly number[]): number {
  return indices.reduce((sum, a) => sum + (axes[a]!.count <= ENUMERATED ? axes[a]!.count : NEIGHBORS.length), 0);
}

function climbFrom(acquisition: Acquisition, start: Candidate, plan: SearchPlan): Candidate {
  const { space, lower, upper, lengthscales } = plan;
  const unit = lengthscales.map((lengthscale) => Math.min(1, Math.max(1e-3, lengthscale)));
  const held = findHeldAxes(space, start.x);
  if (held.every(Boolean)) return start;
  const low = unit.map((u, a) => (held[a] ? start.x[a]! : Math.min(lower[a]!, start.x[a]!)) / u);
  const high = unit.map((u, a) => (held[a] ? start.x[a]! : Math.max(upper[a]!, start.x[a]!)) / u);
  const objective = (scaled: Float64Array, gradient: Float64Array): number => {
    const x = scaled.map((value, a) => (held[a] ? start.x[a]! : value * unit[a]!));
    const value = -acquisition.evaluateWithGradient(x, gradient);
    for (let a = 0; a < unit.length; a++) gradient[a] = held[a] ? 0 : -gradient[a]! * unit[a]!;
    return value;
  };
  const scaledStart = start.x.map((value, a) => value / unit[a]!);
  const { x } = minimizeInBox(objective, scaledStart, {
    lower: low,
    upper: high,
    maxIterations: 40,
    gradientTolerance: 1e-5,
    valueTolerance: 1e-6,
  });
  const end = findLastAllowed(
    space,
    start.x,
    x.map((value, a) => (held[a] ? start.x[a]! : clamp(value * unit[a]!, 0, 1))),
  );
  const value = acquisition.evaluate(end)[0]!;
  return value > start.value ? { x: end, value } : start;
}

/** Returns the point on the way from `start` to `end` that is nearest to the end of the allowed ones, on the grid. */
function findLastAllowed(space: Space, start: Float64Array, end: Float64Array): Float64Array {
  const place = (share: number): Float64Array => {
    const x = end.map((value, a) => {
      const coordinate = share === 1 ? value : start[a]! + share * (value - start[a]!);
      return value === start[a] ? value : snapToAxis(space.axes[a]!, coordinate);
    });
    space.settle(x);
    return x;
  };
  const last = place(1);
  if (isAllowed(space, last)) return last;
  let [allowed, excluded] = [0, 1];
  for (let k = 0; k < HALVINGS; k++) {
    const middle = (allowed + excluded) / 2;
    if (isAllowed(space, place(middle))) allowed = middle;
    else excluded = middle;
  }
  return place(allowed);
}

/** Finds the axes that are not climbed: without order or with few values, inactive, or deciding what is active. */
function findHeldAxes({ axes, nodes, findActive }: Space, x: Float64Array): boolean[] {
  const active = findActive(x);
  const held = axes.map((axis, a) => axis.categorical || axis.count <= ENUMERATED || !active[a]);
  for (const { index, children } of nodes) if (index >= 0 && children.length > 0) held[index] = true;
  return held;
}

/** Returns the best point that differs from `from` in one of the discrete coordinates, or `from` if none is better. */
function tryDiscreteValues(
  acquisition: Acquisition,
  from: Candidate,
  plan: SearchPlan,
  discrete: readonly number[],
): Candidate {
  const { space, lower, upper } = plan;
  const { axes } = space;
  const active = space.findActive(from.x);
  const changes: { a: number; value: number }[] = [];
  for (const a of discrete) {
    if (!active[a]) continue;
    for (const value of listCoordinates(axes[a]!, from.x[a]!)) {
      if (value !== from.x[a] && value >= lower[a]! && value <= upper[a]!) changes.push({ a, value });
    }
  }
  if (changes.length === 0) return from;
  const d = axes.length;
  const flat = new Float64Array(changes.length * d);
  changes.forEach(({ a, value }, i) => {
    flat.set(from.x, i * d);
    flat[i * d + a] = value;
  });
  space.settle(flat);
  const values = acquisition.evaluate(flat);
  let best = from;
  values.forEach((value, i) => {
    if (value > best.value) best = { x: flat.slice(i * d, (i + 1) * d), value };
  });
  return best;
}

/** Places from a value to those that are tried on a fine discrete axis. */
const NEIGHBORS = [-2, -1, 1, 2] as const;

/** Lists the coordinates to try on a discrete axis: every value of a coarse one, the nearest values of a fine one. */
function listCoordinates(axis: Axis, coordinate: number): number[] {
  if (axis.count <= ENUMERATED) return Array.from({ length: axis.count }, (_, k) => axis.encode(axis.at(k)));
  return NEIGHBORS.map((step) => findNeighbor(axis, coordinate, step));
}

/** Returns the coordinate of a value `step` places away on a fine discrete axis. */
function findNeighbor(axis: Axis, coordinate: number, step: number): number {
  const value = axis.decode(coordinate);
  const next = axis.decode(clamp(coordinate + step / (axis.count - 1), 0, 1));
  if (typeof value === 'number' && Number.isInteger(value) && next === value) {
    return axis.encode(value + Math.sign(step));
  }
  return axis.encode(next);
}
