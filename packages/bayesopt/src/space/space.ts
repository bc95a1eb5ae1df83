import { createAxis, type Axis } from './axis.ts';
import { checkSpace } from './check-space.ts';
import type { ParameterValue, Point, SpaceDefinition, SpaceProblem } from './definition.ts';

/** A definition that cannot be searched; `problems` lists every reason. */
export class SpaceError extends Error {
  override readonly name = 'SpaceError';
  readonly problems: readonly SpaceProblem[];

  constructor(problems: readonly SpaceProblem[]) {
    super(
      `search space: ${problems.map(({ path, message }) => `${path.join('.')} ${message}`.trimStart()).join('; ')}`,
    );
    this.problems = problems;
  }
}

/** Distance from a bound, as a share of the range on its scale, up to which a value counts as at the bound. */
const BOUND_TOLERANCE = 1e-3;

/** A checked search space. It is the only place that converts between the user's units and the unit cube. */
export interface Space {
  readonly definition: SpaceDefinition;
  /** Parameters with more than one value, in canonical order: the dimensions of the unit cube. */
  readonly axes: readonly Axis[];
  /** Number of distinct points; Infinity if a parameter is continuous. */
  readonly size: number;
  /** Returns the coordinates of a point, each in [0, 1]; shape [axes.length]. */
  encode(point: Point): Float64Array;
  /** Returns the point nearest to coordinates of shape [axes.length]; always inside the space. */
  decode(coordinates: ArrayLike<number>): Point;
  /** Returns the point that uniforms draw; shape [axes.length], each in [0, 1). */
  draw(uniforms: ArrayLike<number>): Point;
  /** Returns point number k (0 ≤ k < size) of a finite space. The last axis changes fastest. */
  at(k: number): Point;
  /** Whether a point names exactly the parameters, each with an allowed value. */
  contains(point: Point): boolean;
  /** Returns the point of the grid that an allowed point stands for; see `Axis.normalize`. */
  normalize(point: Point): Point;
  /** Returns a text that is equal for equal points and only for them. */
  key(point: Point): string;
  /** Lists the free numeric parameters whose value is within 0.1 % of the range (on its scale) of a bound. */
  atBound(point: Point): string[];
}

/** Creates a space. @throws SpaceError with every problem that `checkSpace` finds */
export function createSpace(definition: SpaceDefinition): Space {
  const problems = checkSpace(definition);
  if (problems.length > 0) throw new SpaceError(problems);
  const names = Object.keys(definition).sort(compareCodeUnits);
  const all = names.map((name) => createAxis(name, definition[name]!));
  const axes = all.filter((axis) => axis.count > 1);
  const fixed = all.filter((axis) => axis.count === 1);
  const size = axes.reduce((product, axis) => product * axis.count, 1);

  const assemble = (chooseValue: (axis: Axis, index: number) => ParameterValue): Point => {
    const values = new Map<string, ParameterValue>(fixed.map((axis) => [axis.name, axis.at(0)]));
    axes.forEach((axis, index) => values.set(axis.name, chooseValue(axis, index)));
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
    normalize: (point) => ({
      ...point,
      ...Object.fromEntries(axes.map((axis) => [axis.name, axis.normalize(point[axis.name]!)])),
    }),
    key: (point) => JSON.stringify(axes.map((axis) => axis.normalize(point[axis.name]!))),
    atBound: (point) =>
      axes.filter((axis) => !axis.categorical && isAtBound(axis.encode(point[axis.name]!))).map((axis) => axis.name),
  };
}

function isAtBound(coordinate: number): boolean {
  return coordinate <= BOUND_TOLERANCE || coordinate >= 1 - BOUND_TOLERANCE;
}

function compareCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
