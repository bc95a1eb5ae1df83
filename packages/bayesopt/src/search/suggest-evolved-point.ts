import { formatExpression } from '../expression/format.ts';
import { isProgramAxis, type ProgramAxis } from '../program/program-axis.ts';
import type { KnownProgram } from '../program/program-cache.ts';
import { crossPrograms, mutateProgram } from '../program/vary.ts';
import { createRandom, type Random } from '../random/random.ts';
import type { Axis } from '../space/axis.ts';
import type { Point } from '../space/definition.ts';
import type { Space } from '../space/space.ts';
import { drawRandomPoint, isNew } from './designs.ts';
import { listValued, type Trials, type Valued } from './history.ts';
import { reflectIntoUnit } from './suggest-cma-point.ts';
import type { EvolutionSettings } from './types.ts';
import { measureViolations } from './violations.ts';

export const DEFAULT_EVOLUTION: EvolutionSettings = { population: 100, tournament: 20 };

/** Attempts at a child that is new, allowed and finite. After that, a random point is drawn. */
const MOST_CHILDREN = 200;
/** Share of the points that are drawn at random after the initial ones, so that the population stays diverse. */
const RANDOM_SHARE = 0.1;
/** Share of the children that have two parents. */
const CROSSOVER_SHARE = 0.25;
/** Share of the mutations that change a program, if the space has other parameters too. */
const PROGRAM_SHARE = 0.7;
/** Values that differ by less than this fraction of what separates best and median are equal. */
const RANK_STEP = 0.05;
/** Standard deviation of a mutated coordinate, as a share of its range. */
const STEP = 0.15;

export interface EvolutionInput {
  readonly settings: EvolutionSettings | undefined;
  readonly seed: number;
  readonly number: number;
}

/**
 * Suggests a point of regularized evolution (Real et al. 2019). The population are the youngest trials with a value:
 * trials age and leave it, however good they are. The parent is the best of some of them. Its child differs in one
 * place, or has a part of a second parent. Every tenth point is random. Pruned trials count as bad. Failed trials are
 * never parents, and what they computed is not tried again. Pending trials are not waited for.
 */
export function suggestEvolvedPoint(space: Space, trials: Trials, input: EvolutionInput): Point | undefined {
  const { seed, number, settings = DEFAULT_EVOLUTION } = input;
  const random = createRandom(seed, number, 0xe401);
  const population = listPopulation(space, trials, settings.population);
  if (random.uniform() < RANDOM_SHARE) return drawRandomPoint(space, trials.seen, seed, number);
  for (let tries = 0; tries < MOST_CHILDREN && population.length > 0; tries++) {
    const parent = selectParent(population, settings.tournament, random);
    const isCrossed = random.uniform() < CROSSOVER_SHARE;
    const child = isCrossed
      ? crossPoints(space, parent.point, selectParent(population, settings.tournament, random).point, random)
      : mutatePoint(space, parent.point, random);
    if (isFinite(space, child) && isNew(space, trials.seen, child)) return child;
  }
  return drawRandomPoint(space, trials.seen, seed, number);
}

/** A trial of the population. */
interface Parent {
  readonly point: Point;
  readonly number: number;
  /** How far it is from fulfilling the measured constraints; see `measureViolations`. */
  readonly violation: number;
  /** How good its value is, from 0, in steps that matter. */
  readonly rank: number;
  /** The nodes of its programs. */
  readonly nodes: number;
}

/**
 * Lists the youngest trials whose programs are those of their parameters. Values are compared in steps of a fraction of
 * what separates the best from the median, so that tiny improvements do not make programs grow.
 */
function listPopulation(space: Space, trials: Trials, size: number): Parent[] {
  const youngest = listYoungest(space, trials, size);
  const values = youngest.map(({ value }) => value).sort((a, b) => a - b);
  const best = values[0] ?? 0;
  const step = ((values[values.length >> 1] ?? 0) - best) * RANK_STEP;
  const violations = measureViolations(youngest);
  return youngest.map(({ point, number, value }, i) => ({
    point,
    number,
    violation: violations[i]!,
    rank: step > 0 ? Math.floor((value - best) / step) : value - best,
    nodes: countPointNodes(space, point),
  }));
}

/** Lists the youngest trials. A history can have programs that are not those of the parameter; these are left out. */
function listYoungest(space: Space, trials: Trials, size: number): Valued[] {
  const youngest: Valued[] = [];
  for (const trial of listValued(trials).sort((a, b) => b.number - a.number)) {
    if (youngest.length === size) break;
    if (listPrograms(space, trial.point).every((program) => program !== undefined)) youngest.push(trial);
  }
  return youngest;
}

/** Lists the programs of a point; undefined for a value that is none. */
function listPrograms({ axes }: Space, point: Point): (KnownProgram | undefined)[] {
  return axes.flatMap((axis) =>
    isProgramAxis(axis) && Object.hasOwn(point, axis.name) ? [axis.find(point[axis.name]!)] : [],
  );
}

function countPointNodes(space: Space, point: Point): number {
  return listPrograms(space, point).reduce((sum, program) => sum + program!.nodes, 0);
}

/** Returns the best of `size` trials of the population, which are drawn with replacement; of equals the simplest. */
function selectParent(population: readonly Parent[], size: number, random: Random): Parent {
  let best = population[random.integer(population.length)]!;
  for (let k = 1; k < size; k++) {
    const other = population[random.integer(population.length)]!;
    if (compareParents(other, best) < 0) best = other;
  }
  return best;
}

function compareParents(a: Parent, b: Parent): number {
  return a.violation - b.violation || a.rank - b.rank || a.nodes - b.nodes || b.number - a.number;
}

/** Changes one parameter of a point. */
function mutatePoint(space: Space, parent: Point, random: Random): Point {
  const active = space.axes.filter(({ name }) => Object.hasOwn(parent, name));
  const programs = active.filter(isProgramAxis);
  const others = active.filter((axis) => !isProgramAxis(axis));
  const changesProgram = others.length === 0 || (programs.length > 0 && random.uniform() < PROGRAM_SHARE);
  const candidates = changesProgram ? programs : others;
  const chosen = candidates[random.integer(candidates.length)];
  return complete(space, { parent, random }, (axis, value) => {
    if (axis !== chosen) return value;
    return isProgramAxis(axis) ? mutateText(axis, String(value), random) : moveValue(axis, value, random);
  });
}

/** Takes each parameter from one of two points. Programs get a part of the other's, too. */
function crossPoints(space: Space, parent: Point, other: Point, random: Random): Point {
  return complete(space, { parent, random }, (axis, value) => {
    if (!Object.hasOwn(other, axis.name)) return value;
    const second = other[axis.name]!;
    if (!isProgramAxis(axis)) return random.uniform() < 0.5 ? value : second;
    const { grammar } = axis;
    return formatExpression(crossPrograms(grammar.parse(String(value)), grammar.parse(String(second)), random));
  });
}

/** Creates a point from the changed values of its parent. Parameters that become active are drawn at random. */
function complete(
  space: Space,
  { parent, random }: { parent: Point; random: Random },
  change: (axis: Axis, value: Point[string]) => Point[string],
): Point {
  const changed = new Map<string, Point[string]>();
  const coordinates = Float64Array.from(space.axes, (axis) => {
    if (!Object.hasOwn(parent, axis.name)) return axis.encode(axis.draw(random.uniform()));
    const value = change(axis, parent[axis.name]!);
    if (isProgramAxis(axis)) changed.set(axis.name, value);
    return axis.encode(value);
  });
  const point = space.decode(coordinates);
  const programs = [...changed].filter(([name]) => Object.hasOwn(point, name));
  return { ...point, ...Object.fromEntries(programs) };
}

function mutateText({ grammar }: ProgramAxis, text: string, random: Random): string {
  return formatExpression(mutateProgram(grammar.parse(text), grammar, random));
}

function moveValue(axis: Axis, value: Point[string], random: Random): Point[string] {
  if (axis.categorical) return axis.draw(random.uniform());
  return axis.decode(reflectIntoUnit(axis.encode(value) + STEP * random.normal()));
}

/** Whether every program of a point is one of its parameter and finite at all probes. */
function isFinite(space: Space, point: Point): boolean {
  return listPrograms(space, point).every((program) => program?.isFinite);
}
