import { createAxis, type Axis } from './axis.ts';
import { checkSpace } from './check.ts';
import type { ParameterValue, Point, SpaceDefinition, SpaceProblem } from './definition.ts';

/** A definition that cannot be searched; `problems` lists every reason. */
export class SpaceError extends Error {
  override readonly name = 'SpaceError';
  readonly problems: readonly SpaceProblem[];

  constructor(problems: readonly SpaceProblem[]) {
    super(`search space: ${problems.map(({ path, message }) => [...path, message].join(': ')).join('; ')}`);
    this.problems = problems;
  }
}

/** Distance from a bound, as a share of the range on its scale, below which a value counts as on the edge. */
const EDGE_TOLERANCE = 1e-3;

/** A checked search space: the one place where the user's units and the unit cube meet. */
export interface Space {
  readonly definition: SpaceDefinition;
  /** Parameters with more than one value, in canonical order: the dimensions of the unit cube. */
  readonly axes: readonly Axis[];
  /** Number of distinct points; Infinity with a continuous parameter. */
  readonly size: number;
  /** Coordinates of a point, each in [0, 1]; shape [axes.length]. */
  encode(point: Point): Float64Array;
  /** Nearest point to coordinates of shape [axes.length]; always inside the space. */
  decode(coordinates: ArrayLike<number>): Point;
  /** Point drawn by uniforms of shape [axes.length], each in [0, 1). */
  draw(uniforms: ArrayLike<number>): Point;
  /** Point number k (0 ≤ k < size) of a finite space, the last axis running fastest. */
  at(k: number): Point;
  /** Whether it names exactly the parameters, each with an allowed value. */
  contains(point: Point): boolean;
  /** Text that is equal for equal points, and only for them. */
  key(point: Point): string;
  /** Names of the free numeric parameters within 0.1 % of their range (on their scale) of a bound. */
  onEdge(point: Point): string[];
}

/** @throws SpaceError listing every problem that `checkSpace` finds. */
export function createSpace(definition: SpaceDefinition): Space {
  const problems = checkSpace(definition);
  if (problems.length > 0) throw new SpaceError(problems);
  const names = Object.keys(definition).sort(byCodeUnit);
  const all = names.map((name) => createAxis(name, definition[name]!));
  const axes = all.filter((axis) => axis.count > 1);
  const fixed = all.filter((axis) => axis.count === 1);
  const size = axes.reduce((product, axis) => product * axis.count, 1);

  const assemble = (valueOf: (axis: Axis, index: number) => ParameterValue): Point => {
    const values = new Map<string, ParameterValue>(fixed.map((axis) => [axis.name, axis.at(0)]));
    axes.forEach((axis, index) => values.set(axis.name, valueOf(axis, index)));
    return Object.fromEntries(names.map((name) => [name, values.get(name)!]));
  };

  return {
    definition,
    axes,
    size,
    encode: (point) => Float64Array.from(axes, (axis) => axis.encode(point[axis.name]!)),
    decode: (coordinates) => assemble((axis, index) => axis.decode(coordinates[index]!)),
    draw: (uniforms) => assemble((axis, index) => axis.draw(uniforms[index]!)),
    at: (k) => {
      const indices = new Float64Array(axes.length);
      let rest = k;
      for (let j = axes.length - 1; j >= 0; j--) {
        indices[j] = rest % axes[j]!.count;
        rest = Math.floor(rest / axes[j]!.count);
      }
      return assemble((axis, index) => axis.at(indices[index]!));
    },
    contains: (point) =>
      Object.keys(point).length === all.length &&
      all.every((axis) => Object.hasOwn(point, axis.name) && axis.contains(point[axis.name]!)),
    key: (point) => JSON.stringify(axes.map((axis) => point[axis.name])),
    onEdge: (point) =>
      axes.filter((axis) => !axis.categorical && nearEnd(axis.encode(point[axis.name]!))).map((axis) => axis.name),
  };
}

function nearEnd(coordinate: number): boolean {
  return coordinate <= EDGE_TOLERANCE || coordinate >= 1 - EDGE_TOLERANCE;
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
