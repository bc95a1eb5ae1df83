import { createRandom } from '../random/random.ts';
import { createSobolPoints } from '../random/sobol.ts';
import type { Axis } from '../space/axis.ts';
import type { ParameterValue, Point } from '../space/definition.ts';
import type { Space } from '../space/space.ts';

/** Random draws before a finite space is searched in order. */
const DRAWS = 64;
/** Random draws from an infinite space before it counts as exhausted. */
const MAX_DRAWS = 4096;
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
 * Returns point `number` of the scrambled Sobol sequence. If it is in `seen` (as on coarse grids), draws a random point
 * that is not.
 */
export function findSobolPoint(
  space: Space,
  seen: ReadonlySet<string>,
  seed: number,
  number: number,
): Point | undefined {
  const point = space.draw(createSobolPoints(1, space.axes.length, seed, Math.max(0, Math.floor(number))));
  return seen.has(space.key(point)) ? drawRandomPoint(space, seen, seed, number) : point;
}

/** Values per axis up to which a grid is refined. */
const MAX_LEVELS = 1 << 20;

/**
 * Returns the first point of the grid that is not in `seen`. Axes with an order are cut into evenly spaced values, all
 * axes alike, which are refined until a point is new. Undefined if a finite space has no other point.
 */
export function findGridPoint(space: Space, seen: ReadonlySet<string>, seed: number): Point | undefined {
  for (let levels = 2; levels <= MAX_LEVELS; levels = 2 * levels - 1) {
    const grid = space.axes.map((axis) => listGridCoordinates(axis, levels));
    const total = grid.reduce((product, coordinates) => product * coordinates.length, 1);
    // The points of the grid differ, so that one of seen.size + 1 is new.
    for (let k = 0; k < Math.min(total, seen.size + 1); k++) {
      const point = space.decode(chooseGridPoint(grid, k));
      if (!seen.has(space.key(point))) return point;
    }
    if (space.axes.every((axis) => axis.categorical || axis.count <= levels)) return findUnseenInOrder(space, seen, 0);
  }
  return drawRandomPoint(space, seen, seed, seen.size);
}

/** Lists evenly spaced coordinates of different values; on a log scale, several can decode to the same integer. */
function listGridCoordinates(axis: Axis, levels: number): Float64Array {
  const count = axis.categorical ? axis.count : Math.min(axis.count, levels);
  const coordinates = Float64Array.from({ length: count }, (_, k) => k / (count - 1));
  if (axis.categorical) return coordinates;
  const known = new Set<ParameterValue>();
  return coordinates.filter((coordinate) => {
    const value = axis.decode(coordinate);
    const isNew = !known.has(value);
    known.add(value);
    return isNew;
  });
}

/** Returns point `k` of the grid. The last axis changes fastest. */
function chooseGridPoint(grid: readonly Float64Array[], k: number): Float64Array {
  const point = new Float64Array(grid.length);
  let rest = k;
  for (let a = grid.length - 1; a >= 0; a--) {
    const coordinates = grid[a]!;
    point[a] = coordinates[rest % coordinates.length]!;
    rest = Math.floor(rest / coordinates.length);
  }
  return point;
}

/** Whether every point of a finite space is in `seen`. */
export function isExhausted(space: Space, seen: ReadonlySet<string>): boolean {
  return space.size <= seen.size && findUnseenInOrder(space, seen, 0) === undefined;
}

/** Draws until a point is not in `seen`. Then searches a finite space in order, from a share `offset` of its points. */
function drawUnseen(space: Space, seen: ReadonlySet<string>, draw: () => Point, offset: number): Point | undefined {
  const draws = space.size === Infinity ? MAX_DRAWS : DRAWS;
  for (let tries = 0; tries < draws; tries++) {
    const point = draw();
    if (!seen.has(space.key(point))) return point;
  }
  if (space.size === Infinity) return undefined;
  return findUnseenInOrder(space, seen, space.size <= MAX_OFFSET ? Math.floor(offset * space.size) : 0);
}

/** Returns the first unseen point. Of `seen.size` + 1 different points, at least one is unseen. */
function findUnseenInOrder(space: Space, seen: ReadonlySet<string>, from: number): Point | undefined {
  for (let k = 0; k < Math.min(space.size, seen.size + 1); k++) {
    const point = space.at((from + k) % space.size);
    if (!seen.has(space.key(point))) return point;
  }
  return undefined;
}
