import { createRandom } from '../random/random.ts';
import { createSobolPoints } from '../random/sobol.ts';
import type { Axis } from '../space/axis.ts';
import { compileConstraint, countOperations, type Constraint } from '../space/constraint.ts';
import type { Point } from '../space/definition.ts';
import { assembleAt } from '../space/enumeration.ts';
import { enumeratePoints, type ValueList } from '../space/enumeration.ts';
import type { Space } from '../space/space.ts';

/** Random draws before a finite space is searched in order. */
const DRAWS = 64;
/** Random draws from an infinite space before it counts as exhausted. */
const MAX_DRAWS = 4096;
/** Random draws, and points in order, that are tried in a space with constraints: one of 1,000 is enough. */
const CONSTRAINED_TRIES = 1 << 16;
/** A space of at most this many points is searched in order from a random point, a larger one from the first point. */
const MAX_OFFSET = 2 ** 52;

/** Draws a uniform point of the space that is not in `seen`; undefined if there is none. */
export function drawRandomPoint(
  space: Space,
  seen: ReadonlySet<string>,
  seed: number,
  number: number,
): Point | undefined {
  const random = createRandom(seed, number, 0xda7a);
  const draw = (): Point => space.draw(Float64Array.from(space.axes, random.uniform));
  return drawUnseen(space, seen, draw, random.uniform());
}

/**
 * Returns point `number` of the scrambled Sobol sequence. If it is excluded or in `seen` (as on coarse grids), draws a
 * random point that is not.
 */
export function findSobolPoint(
  space: Space,
  seen: ReadonlySet<string>,
  seed: number,
  number: number,
): Point | undefined {
  const point = space.draw(createSobolPoints(1, space.axes.length, seed, Math.max(0, Math.floor(number))));
  return isNew(space, seen, point) ? point : drawRandomPoint(space, seen, seed, number);
}

/** Values per axis up to which a grid is refined. */
const MAX_LEVELS = 1 << 20;

/**
 * Returns the first point of the grid that is not in `seen`. Axes with an order are cut into evenly spaced values, all
 * axes alike, which are refined until a point is new. If constraints exclude so many of the first points that none of
 * them is new, or if conditions are too entangled to list the points, a random one. Undefined if a finite space has no
 * other point.
 */
export function findGridPoint(space: Space, seen: ReadonlySet<string>, seed: number): Point | undefined {
  for (let levels = 2; levels <= MAX_LEVELS; levels = 2 * levels - 1) {
    const grid = listGridPoints(space, levels);
    const tries = countTries(space, seen);
    // The points of the grid differ, so that one of seen.size + 1 is new, unless constraints exclude some.
    for (let k = 0; k < tries && k < grid.size && grid.size < Infinity; k++) {
      const point = grid.at(k);
      if (isNew(space, seen, point)) return point;
    }
    // A finer grid starts with the same values of the first axes, so that its first points are excluded, too.
    if (grid.size > tries) break;
    if (space.axes.every((axis) => axis.categorical || axis.count <= levels)) break;
  }
  return drawRandomPoint(space, seen, seed, seen.size);
}

/** Lists the different points of the grid with so many values per axis. The last axis changes fastest. */
function listGridPoints({ nodes, names }: Space, levels: number): { size: number; at(k: number): Point } {
  const lists = nodes.map(({ axis }) => listGridValues(axis, levels));
  const { size, at } = enumeratePoints(nodes, lists);
  return { size, at: (k) => assembleAt(nodes, names, lists, at(k)) };
}

/** Lists the values at evenly spaced coordinates; on a log scale, several can be the same integer. */
function listGridValues(axis: Axis, levels: number): ValueList {
  if (axis.categorical || axis.count === 1) return axis;
  const count = Math.min(axis.count, levels);
  const values = [...new Set(Array.from({ length: count }, (_, k) => axis.decode(k / (count - 1))))];
  return { count: values.length, at: (k) => values[k]! };
}

/** Whether every allowed point of a finite space is in `seen`. A large space with constraints is never exhausted. */
export function isExhausted(space: Space, seen: ReadonlySet<string>): boolean {
  const most = space.isConstrained ? CONSTRAINED_TRIES : seen.size;
  return space.size <= most && findUnseenInOrder(space, seen, 0) === undefined;
}

/** Whether a point is allowed and not in `seen`. */
export function isNew(space: Space, seen: ReadonlySet<string>, point: Point): boolean {
  return space.allows(point) && !seen.has(space.key(point));
}

/** Random points that are drawn to judge constraints, at most and at least. */
const MOST_SAMPLES = 5000;
const LEAST_SAMPLES = 1000;
/** Operations for all samples together, about: some ten milliseconds. */
const OPERATIONS = 1e6;
/** Operations to draw a value. */
const DRAW_OPERATIONS = 5;

/** Which of the constraints hold for fewer random points than `leastShare`, and whether all together do. */
export interface RareConstraints {
  together: boolean;
  each: number[];
}

/**
 * Judges constraints by random points, the same each time. Draws no more points than it needs, and fewer if there are
 * many operations, so that it takes some ten milliseconds at most.
 */
export function findRareConstraints(
  space: Space,
  constraints: readonly Constraint[],
  leastShare: number,
): RareConstraints {
  const random = createRandom(1, 0xa110);
  const operations = constraints.reduce(
    (sum, each) => sum + countOperations(each),
    space.axes.length * DRAW_OPERATIONS,
  );
  const samples = Math.min(MOST_SAMPLES, Math.max(LEAST_SAMPLES, Math.floor(OPERATIONS / operations)));
  const enough = Math.ceil(leastShare * samples);
  const checks = constraints.map((constraint, i) => ({ i, isFulfilled: compileConstraint(constraint), count: 0 }));
  let allowed = 0;
  for (let k = 0; k < samples && allowed < enough; k++) {
    const point = space.draw(Float64Array.from(space.axes, random.uniform));
    let fulfillsAll = true;
    for (const check of checks) {
      // One that holds often enough is evaluated only where it can exclude the point.
      if (!fulfillsAll && check.count >= enough) continue;
      if (check.isFulfilled(point)) check.count += 1;
      else fulfillsAll = false;
    }
    if (fulfillsAll) allowed += 1;
  }
  const rare = checks.filter(({ count }) => count < enough).map(({ i }) => i);
  return allowed < enough ? { together: true, each: rare } : { together: false, each: [] };
}

/** Returns how many different points to try: enough that one is unseen, if no constraints exclude points. */
function countTries({ isConstrained }: Space, seen: ReadonlySet<string>): number {
  return isConstrained ? CONSTRAINED_TRIES : seen.size + 1;
}

/** Draws until a point is not in `seen`. Then searches a finite space in order, from a share `offset` of its points. */
function drawUnseen(space: Space, seen: ReadonlySet<string>, draw: () => Point, offset: number): Point | undefined {
  const unconstrained = space.size === Infinity ? MAX_DRAWS : DRAWS;
  const draws = space.isConstrained ? CONSTRAINED_TRIES : unconstrained;
  for (let tries = 0; tries < draws; tries++) {
    const point = draw();
    if (isNew(space, seen, point)) return point;
  }
  if (space.size === Infinity) return undefined;
  return findUnseenInOrder(space, seen, space.size <= MAX_OFFSET ? Math.floor(offset * space.size) : 0);
}

/** Returns the first allowed and unseen point. Of `seen.size` + 1 different points, at least one is unseen. */
function findUnseenInOrder(space: Space, seen: ReadonlySet<string>, from: number): Point | undefined {
  for (let k = 0; k < Math.min(space.size, countTries(space, seen)); k++) {
    const point = space.at((from + k) % space.size);
    if (isNew(space, seen, point)) return point;
  }
  return undefined;
}
