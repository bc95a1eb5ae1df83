import { createRandom } from '../random/random.ts';
import { createSobolPoints } from '../random/sobol.ts';
import type { Axis } from '../space/axis.ts';
import type { Point } from '../space/definition.ts';
import { assembleAt } from '../space/enumeration.ts';
import { enumeratePoints, type ValueList } from '../space/enumeration.ts';
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
    const grid = listGridPoints(space, levels);
    // The points of the grid differ, so that one of seen.size + 1 is new.
    for (let k = 0; k < Math.min(grid.size, seen.size + 1); k++) {
      const point = grid.at(k);
      if (!seen.has(space.key(point))) return point;
    }
    if (space.axes.every((axis) => axis.categorical || axis.count <= levels)) return findUnseenInOrder(space, seen, 0);
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
