import { computePosterior } from './gp/posterior.ts';
import { isProgramAxis } from './program/program-axis.ts';
import { readHistory, type Trials, type Valued } from './search/history.ts';
import { buildOutcomeModel } from './search/outcome-model.ts';
import type { Observation, SearchSettings } from './search/types.ts';
import { penalizeViolations } from './search/violations.ts';
import type { Axis } from './space/axis.ts';
import type { ParameterValue, Point, SpaceDefinition } from './space/definition.ts';
import { createSpace, type Space } from './space/space.ts';

/** What the model expects along one parameter, with all others at the best point. */
export interface ModelSlice {
  readonly name: string;
  /** Values of the parameter: ascending, or its choices. */
  readonly at: ParameterValue[];
  /** Expected value of the metric at each, and its standard deviation without the noise of single trials. */
  readonly mean: number[];
  readonly deviation: number[];
}

/** What the model expects over two parameters, with all others at the best point. */
export interface ModelGrid {
  readonly x: { readonly name: string; readonly at: number[] };
  readonly y: { readonly name: string; readonly at: number[] };
  /** Row by row, the first y first. */
  readonly mean: number[];
  readonly deviation: number[];
}

export interface ModelDescription {
  /** The best observed point; null if there are fewer than two different values, and then no model. */
  readonly point: Point | null;
  readonly slices: ModelSlice[];
  readonly grid: ModelGrid | null;
}

/** Places along a slice, and along each side of the grid. */
const SLICE = 41;
const GRID = 31;
/** Slices, at most. */
const MOST = 40;
/** Largest magnitude of a mean or deviation. */
const HUGE = 1e300;

/**
 * Fits the model to the trials and describes it around the best observed point: along each parameter that is active
 * there, and over two numeric ones. The model is that of algorithm `gp`, whatever the job searches with. Of several
 * objectives, it is that of the first. With measured constraints, the best point is feasible if one is. Programs have
 * no slices, because they are not places on a line.
 *
 * @param pair names of the parameters of the grid; by default the two whose slices vary most
 */
export function describeModel(
  definition: SpaceDefinition,
  settings: SearchSettings,
  history: readonly Observation[],
  pair: readonly [x: string, y: string] | null = null,
): ModelDescription {
  const space = createSpace(definition);
  const trials = readHistory(space, { history, settings });
  const values = trials.observed.map((row) => row.value);
  if (space.axes.length === 0 || values.every((value) => value === values[0]))
    return { point: null, slices: [], grid: null };
  const best = findBest(trials);
  const { surrogate, outcomes } = buildOutcomeModel(space, trials, settings.seed, 0);
  const sign = (settings.objectives?.[0] ?? settings).direction === 'maximize' ? -1 : 1;
  const predict = (points: Float64Array): Pick<ModelSlice, 'mean' | 'deviation'> => {
    const { mean, variance } = computePosterior(surrogate, points);
    const unwarp = (target: number): number => Math.max(-HUGE, Math.min(HUGE, sign * outcomes.inverse(target)));
    return {
      mean: Array.from(mean, unwarp),
      // In the units of the metric: half of what lies within one standard deviation of the warped outcome.
      deviation: Array.from(mean, (target, i) => {
        const sigma = Math.sqrt(variance[i]!);
        return Math.abs(unwarp(target + sigma) / 2 - unwarp(target - sigma) / 2);
      }),
    };
  };
  const active = space.findActive(best.x);
  const axes = space.axes
    .flatMap((axis, index) => (active[index] && !isProgramAxis(axis) ? [{ axis, index }] : []))
    .slice(0, MOST);
  const slices = axes.map(({ axis, index }) => {
    const at = listPlaces(axis, SLICE);
    return { name: axis.name, at, ...predict(placeAround(space, best.x, listSteps(axis, index, at))) };
  });
  return { point: findPoint(space, best), slices, grid: describeGrid({ space, best: best.x, predict, slices, pair }) };
}

/** Returns the best trial: with measured constraints, the best feasible one, or the one nearest to being feasible. */
function findBest({ observed, isConstrained }: Trials): Valued {
  const values = isConstrained ? penalizeViolations(observed).map(({ value }) => value) : undefined;
  const rank = (i: number): number => values?.[i] ?? observed[i]!.value;
  return observed[[...observed.keys()].reduce((a, b) => (rank(b) < rank(a) ? b : a))]!;
}

/** Returns the point of a trial, inside the space. Coordinates tell programs apart, but cannot be decoded to them. */
function findPoint(space: Space, { x, point }: Valued): Point {
  const programs = space.axes.filter((axis) => isProgramAxis(axis) && Object.hasOwn(point, axis.name));
  return {
    ...space.decode(x),
    ...Object.fromEntries(programs.map(({ name }) => [name, point[name]!])),
  };
}

/** Returns the values of an axis: all of a discrete one with few, otherwise evenly spaced on its scale. */
function listPlaces(axis: Axis, count: number): ParameterValue[] {
  if (axis.count <= count) return Array.from({ length: axis.count }, (_, k) => axis.at(k));
  const all = Array.from({ length: count }, (_, i) => axis.decode(i / (count - 1)));
  return [...new Set(all)];
}

type Step = ReadonlyMap<number, number>;

function listSteps(axis: Axis, index: number, at: readonly ParameterValue[]): Step[] {
  return at.map((value) => new Map([[index, axis.encode(value)]]));
}

/** Returns a copy of a point for each step, with the coordinates of the step. */
function placeAround(space: Space, center: Float64Array, steps: readonly Step[]): Float64Array {
  const d = center.length;
  const points = new Float64Array(steps.length * d);
  steps.forEach((step, i) => {
    points.set(center, i * d);
    for (const [index, coordinate] of step) points[i * d + index] = coordinate;
  });
  space.settle(points);
  return points;
}

interface GridRequest {
  readonly space: Space;
  readonly best: Float64Array;
  readonly predict: (points: Float64Array) => Pick<ModelSlice, 'mean' | 'deviation'>;
  readonly slices: readonly ModelSlice[];
  readonly pair: readonly [x: string, y: string] | null;
}

function describeGrid({ space, best, predict, slices, pair }: GridRequest): ModelGrid | null {
  const numeric = slices.filter(({ at }) => at.length > 2 && at.every((value) => typeof value === 'number'));
  const [first, second] = numeric.toSorted((a, b) => measureSpread(b) - measureSpread(a));
  const [x, y] = pair ?? [first?.name, second?.name];
  const known = new Set(numeric.map(({ name }) => name));
  if (x === undefined || y === undefined || x === y || !known.has(x) || !known.has(y)) return null;
  const [columns, rows] = [findSide(space, x), findSide(space, y)];
  const steps = rows.at.flatMap((second) =>
    columns.at.map(
      (first) =>
        new Map([
          [columns.index, space.axes[columns.index]!.encode(first)],
          [rows.index, space.axes[rows.index]!.encode(second)],
        ]),
    ),
  );
  return {
    x: { name: columns.name, at: columns.at },
    y: { name: rows.name, at: rows.at },
    ...predict(placeAround(space, best, steps)),
  };
}

interface Side {
  readonly name: string;
  readonly index: number;
  readonly at: number[];
}

function findSide(space: Space, name: string): Side {
  const index = space.axes.findIndex((axis) => axis.name === name);
  return { name, index, at: listPlaces(space.axes[index]!, GRID) as number[] };
}

function measureSpread({ mean }: ModelSlice): number {
  const low = mean.reduce((least, value) => Math.min(least, value), Infinity);
  return mean.reduce((most, value) => Math.max(most, value), -Infinity) - low;
}
