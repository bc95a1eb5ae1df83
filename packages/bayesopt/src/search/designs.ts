import { createRandom } from '../random/random.ts';
import { sobol } from '../random/sobol.ts';
import type { Point } from '../space/definition.ts';
import type { Space } from '../space/space.ts';

/** Draws before a finite space is walked through for an unseen point. */
const DRAWS = 64;
/** A space of at most this many points is walked through. */
const WALKED = 1 << 20;

/**
 * A uniform point of the space that has not been seen; the same for the same seed and number. Undefined when there is
 * none.
 */
export function randomPoint(space: Space, seen: ReadonlySet<string>, seed: number, number: number): Point | undefined {
  const random = createRandom(seed, number, 0xda7a);
  const draw = (): Point => space.draw(Float64Array.from(space.axes, random.uniform));
  return unseen(space, seen, draw, random.uniform());
}

/**
 * Point `number` of the scrambled Sobol sequence; where that is seen already (as on coarse grids), an unseen random
 * one.
 */
export function sobolPoint(space: Space, seen: ReadonlySet<string>, seed: number, number: number): Point | undefined {
  const point = space.draw(sobol(1, space.axes.length, seed, Math.max(0, Math.floor(number))));
  return seen.has(space.key(point)) ? randomPoint(space, seen, seed, number) : point;
}

/** First unseen point in the grid's order; continuous axes are cut into evenly spaced values, refined until one is new. */
export function gridPoint(space: Space, seen: ReadonlySet<string>): Point | undefined {
  if (Number.isFinite(space.size)) return walk(space, seen, 0);
  for (let levels = 2; ; levels = 2 * levels - 1) {
    const counts = space.axes.map((axis) => (axis.categorical ? axis.count : Math.min(axis.count, levels)));
    const total = counts.reduce((product, count) => product * count, 1);
    for (let k = 0; k < total; k++) {
      const point = space.decode(gridCoordinates(counts, k));
      if (!seen.has(space.key(point))) return point;
    }
  }
}

function gridCoordinates(counts: readonly number[], k: number): Float64Array {
  const coordinates = new Float64Array(counts.length);
  let rest = k;
  for (let a = counts.length - 1; a >= 0; a--) {
    coordinates[a] = (rest % counts[a]!) / (counts[a]! - 1);
    rest = Math.floor(rest / counts[a]!);
  }
  return coordinates;
}

/** Whether every point of a finite space has been seen. */
export function isExhausted(space: Space, seen: ReadonlySet<string>): boolean {
  return space.size <= seen.size && walk(space, seen, 0) === undefined;
}

function unseen(space: Space, seen: ReadonlySet<string>, draw: () => Point, offset: number): Point | undefined {
  for (let tries = 0; tries < DRAWS; tries++) {
    const point = draw();
    if (!seen.has(space.key(point))) return point;
  }
  if (space.size <= WALKED) return walk(space, seen, Math.floor(offset * space.size));
  for (let tries = 0; tries < WALKED; tries++) {
    const point = draw();
    if (!seen.has(space.key(point))) return point;
  }
  return undefined;
}

function walk(space: Space, seen: ReadonlySet<string>, from: number): Point | undefined {
  for (let k = 0; k < space.size; k++) {
    const point = space.at((from + k) % space.size);
    if (!seen.has(space.key(point))) return point;
  }
  return undefined;
}
