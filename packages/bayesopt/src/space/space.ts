import type { Axis } from './axis.ts';
import { checkSpace } from './check-space.ts';
import { assemblePoint, compareCodeUnits, createNodes, visitNodes, type Node } from './conditions.ts';
import { compileConstraint, type Constraint } from './constraint.ts';
import { createAxis } from './create-axis.ts';
import type { ParameterValue, Point, SpaceDefinition, SpaceProblem } from './definition.ts';
import { assembleAt, enumeratePoints } from './enumeration.ts';

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

/**
 * Coordinate of an inactive parameter without order. It is a further value of the parameter: its distance from every
 * choice is 1, and from itself 0.
 */
const INACTIVE_CHOICE = -1;
/**
 * Coordinate of an inactive parameter with an order: the center. Two points without the parameter do not differ in it,
 * so that the model compares points in the parameters that both have. The parameters that the condition names tell a
 * point with the center's value from one without a value.
 */
const INACTIVE_VALUE = 0.5;

/** A checked search space. It is the only place that converts between the user's units and the unit cube. */
export interface Space {
  readonly definition: SpaceDefinition;
  /** Parameters with more than one value, in canonical order: the dimensions of the unit cube. */
  readonly axes: readonly Axis[];
  /** Names of all parameters in canonical order. */
  readonly names: readonly string[];
  /** All parameters, each after those that its condition names. */
  readonly nodes: readonly Node[];
  /** Whether constraints exclude points. */
  readonly isConstrained: boolean;
  /** Number of distinct points, with those that constraints exclude; Infinity if a parameter is continuous. */
  readonly size: number;
  /**
   * Returns the coordinates of a point, each in [0, 1]; shape [axes.length]. Inactive parameters have a fixed
   * coordinate, which for one without order is −1. Parameters without the value that they need have NaN.
   */
  encode(point: Point): Float64Array;
  /** Returns the point nearest to coordinates of shape [axes.length]; always inside the space. */
  decode(coordinates: ArrayLike<number>): Point;
  /** Returns the point that uniforms draw; shape [axes.length], each in [0, 1). */
  draw(uniforms: ArrayLike<number>): Point;
  /** Returns point number k (0 ≤ k < size) of a finite space. The last axis changes fastest. */
  at(k: number): Point;
  /**
   * Changes coordinates of shape [count, axes.length] to those of points: inactive parameters get their fixed
   * coordinate, active discrete ones that of a value. Without conditions there is nothing to change.
   */
  settle(coordinates: Float64Array): void;
  /** Returns for each axis whether it is active at settled coordinates of shape [axes.length]. */
  findActive(coordinates: ArrayLike<number>): boolean[];
  /** Lists the parameters that are active with these values. Those with a single value count as having it. */
  listActive(point: Point): string[];
  /** Whether a point of the space fulfills all constraints. `decode`, `draw` and `at` do not heed them. */
  allows(point: Point): boolean;
  /** Whether a point names exactly the active parameters, each with an allowed value, and fulfills all constraints. */
  contains(point: Point): boolean;
  /** Returns the point of the grid that an allowed point stands for; see `Axis.normalize`. */
  normalize(point: Point): Point;
  /** Returns a text that is equal for equal points and only for them. Programs that give the same are equal. */
  key(point: Point): string;
  /** Lists the active free numeric parameters whose value is within 0.1 % of the range (on its scale) of a bound. */
  atBound(point: Point): string[];
}

/**
 * Creates a space.
 *
 * @param constraints a point must fulfill all of them
 * @throws SpaceError with every problem that `checkSpace` finds
 */
export function createSpace(definition: SpaceDefinition, constraints: readonly Constraint[] = []): Space {
  const problems = checkSpace(definition);
  if (problems.length > 0) throw new SpaceError(problems);
  const names = Object.keys(definition).sort(compareCodeUnits);
  const axes = names.map((name) => createAxis(name, definition[name]!)).filter((axis) => axis.count > 1);
  const nodes = createNodes(definition, axes);
  const all = nodes.map(({ axis }) => axis);
  const points = enumeratePoints(nodes, all);
  const isConditional = nodes.some(({ condition }) => condition.length > 0);
  const checks = constraints.map(compileConstraint);
  const allows = (point: Point): boolean => checks.every((isFulfilled) => isFulfilled(point));
  const assemble = (choose: (axis: Axis, index: number) => ParameterValue): Point =>
    assemblePoint(nodes, names, ({ axis, index }) => (index < 0 ? axis.at(0) : choose(axis, index)));

  return {
    definition,
    axes,
    names,
    nodes,
    isConstrained: constraints.length > 0,
    size: points.size,
    encode: (point) => encodePoint(nodes, axes.length, point),
    decode: (coordinates) => assemble((axis, index) => axis.decode(coordinates[index]!)),
    draw: (uniforms) => assemble((axis, index) => axis.draw(uniforms[index]!)),
    at: (k) => assembleAt(nodes, names, all, points.at(k)),
    settle: (coordinates) => {
      if (!isConditional) return;
      for (let row = 0; row < coordinates.length; row += axes.length) {
        settleCoordinates(nodes, coordinates.subarray(row, row + axes.length));
      }
    },
    findActive: (coordinates) => {
      const active = axes.map(() => !isConditional);
      if (isConditional) markActive(nodes, coordinates, active);
      return active;
    },
    listActive: (point) => {
      const active: string[] = [];
      visitNodes(nodes, ({ axis, index }) => {
        active.push(axis.name);
        if (index < 0) return axis.at(0);
        return Object.hasOwn(point, axis.name) ? point[axis.name] : undefined;
      });
      return active;
    },
    allows,
    contains: (point) => containsPoint(nodes, point) && allows(point),
    normalize: (point) => ({
      ...point,
      ...Object.fromEntries(listValues(axes, point).map(([axis, value]) => [axis.name, axis.normalize(value)])),
    }),
    key: (point) =>
      JSON.stringify(axes.map((axis) => (Object.hasOwn(point, axis.name) ? identify(axis, point[axis.name]!) : null))),
    atBound: (point) =>
      listValues(axes, point)
        .filter(([axis, value]) => !axis.categorical && isAtBound(axis.encode(value)))
        .map(([axis]) => axis.name),
  };
}

/** Returns what identifies the value of each axis in a point's key; null for an inactive parameter. */
export function readKey(key: string): readonly (ParameterValue | null)[] {
  return JSON.parse(key) as (ParameterValue | null)[];
}

function identify(axis: Axis, value: ParameterValue): ParameterValue {
  return axis.identify ? axis.identify(value) : axis.normalize(value);
}

function encodePoint(nodes: readonly Node[], dimensions: number, point: Point): Float64Array {
  const x = new Float64Array(dimensions);
  visitNodes(
    nodes,
    ({ axis, index }) => {
      const value = Object.hasOwn(point, axis.name) ? point[axis.name]! : undefined;
      if (index >= 0) x[index] = value === undefined ? Number.NaN : axis.encode(value);
      return value;
    },
    ({ axis, index }) => {
      if (index >= 0) x[index] = getInactiveCoordinate(axis);
    },
  );
  return x;
}

function settleCoordinates(nodes: readonly Node[], x: Float64Array): void {
  visitNodes(
    nodes,
    ({ axis, index }) => {
      if (index < 0) return axis.at(0);
      if (axis.count === Infinity) return undefined;
      const value = axis.decode(x[index]!);
      x[index] = axis.encode(value);
      return value;
    },
    ({ axis, index }) => {
      if (index >= 0) x[index] = getInactiveCoordinate(axis);
    },
  );
}

function markActive(nodes: readonly Node[], coordinates: ArrayLike<number>, active: boolean[]): void {
  visitNodes(nodes, ({ axis, index, children }) => {
    if (index >= 0) active[index] = true;
    if (children.length === 0) return undefined;
    return index < 0 ? axis.at(0) : axis.decode(coordinates[index]!);
  });
}

function getInactiveCoordinate({ categorical }: Axis): number {
  return categorical ? INACTIVE_CHOICE : INACTIVE_VALUE;
}

function containsPoint(nodes: readonly Node[], point: Point): boolean {
  let isAllowed = true;
  let active = 0;
  visitNodes(nodes, ({ axis }) => {
    const value = Object.hasOwn(point, axis.name) ? point[axis.name]! : undefined;
    active += 1;
    if (value === undefined || !axis.contains(value)) isAllowed = false;
    return value;
  });
  return isAllowed && Object.keys(point).length === active;
}

/** Lists the axes for which a point has a value. */
function listValues(axes: readonly Axis[], point: Point): [Axis, ParameterValue][] {
  return axes.flatMap(
    (axis) => (Object.hasOwn(point, axis.name) ? [[axis, point[axis.name]!] as const] : []) as [Axis, ParameterValue][],
  );
}

function isAtBound(coordinate: number): boolean {
  return coordinate <= BOUND_TOLERANCE || coordinate >= 1 - BOUND_TOLERANCE;
}
