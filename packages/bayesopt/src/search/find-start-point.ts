import { isProgramAxis, type ProgramAxis } from '../program/program-axis.ts';
import { createRandom } from '../random/random.ts';
import type { Point } from '../space/definition.ts';
import { readKey, type Space } from '../space/space.ts';
import { drawRandomPoint, isNew } from './designs.ts';

/** Draws of a point in which a parameter with untried start programs is active. */
const MOST_DRAWS = 64;

/**
 * Returns a point with the start programs of each parameter that no trial has yet, the first of them; other parameters
 * are drawn at random. Undefined if all were tried, or none can be.
 */
export function findStartPoint(
  space: Space,
  seen: ReadonlySet<string>,
  seed: number,
  number: number,
): Point | undefined {
  const untried = listUntried(space, seen);
  if (untried.size === 0) return undefined;
  const random = createRandom(seed, number, 0x57a7);
  for (let tries = 0; tries < MOST_DRAWS; tries++) {
    const drawn =
      tries === 0
        ? drawRandomPoint(space, seen, seed, number)
        : space.draw(Float64Array.from(space.axes, random.uniform));
    if (!drawn) return undefined;
    const programs = [...untried].filter(([name]) => Object.hasOwn(drawn, name));
    const point = { ...drawn, ...Object.fromEntries(programs) };
    if (programs.length > 0 && isNew(space, seen, point)) return point;
  }
  return undefined;
}

/** Lists the first start program of each parameter that no trial has, in canonical form. */
function listUntried(space: Space, seen: ReadonlySet<string>): Map<string, string> {
  const untried = new Map<string, string>();
  space.axes.forEach((axis, index) => {
    if (!isProgramAxis(axis)) return;
    const next = listStart(space, axis).find((text) => !isTried(seen, index, axis.find(text)!.identity));
    if (next !== undefined) untried.set(axis.name, axis.normalize(next) as string);
  });
  return untried;
}

function listStart({ definition }: Space, { name }: ProgramAxis): readonly string[] {
  const parameter = definition[name]!;
  return (parameter.type === 'program' && parameter.start) || [];
}

/** Whether a point has the program. Start programs are those of the first trials, which come first. */
function isTried(seen: ReadonlySet<string>, index: number, identity: string): boolean {
  for (const key of seen) {
    // Reading a key takes longer than finding that the program is in none of its places.
    if (key.includes(identity) && readKey(key)[index] === identity) return true;
  }
  return false;
}
