import { compareCrowding, measureCrowding } from '../pareto/front.ts';
import { createRandom, type Random } from '../random/random.ts';
import type { Point } from '../space/definition.ts';
import type { Space } from '../space/space.ts';
import { drawRandomPoint, findSobolPoint, isNew } from './designs.ts';
import type { Trials, Valued } from './history.ts';
import { rankRows } from './rank-rows.ts';

/** Least number of trials in a generation. */
const POPULATION = 20;
/** Probability that two parents are crossed, and distribution indices of crossover and mutation (Deb et al. 2002). */
const CROSSING = 0.9;
const CROSSOVER_INDEX = 20;
const MUTATION_INDEX = 20;
/** Children that are made until one is new and allowed, at most. */
const MOST_DRAWS = 200;

interface Member {
  readonly row: Valued;
  readonly rank: number;
  readonly crowding: number;
}

/** The populations of the trials that were read last; see `suggestCmaPoint`. */
const known = new WeakMap<Trials, Member[]>();

/**
 * Suggests a point of NSGA-II (Deb et al. 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II"): a
 * child of two parents, each the better one of two drawn from the population. The population is computed from all
 * results, a generation at a time in order of number, so that nothing else is kept. Trials of the first generation are
 * spread over the space. Pending trials are not waited for.
 */
export function suggestNsgaPoint(
  space: Space,
  trials: Trials,
  { seed, initial }: { seed: number; initial: number },
  number: number,
): { point: Point | undefined; source: 'initial' | 'model' } {
  const size = Math.max(POPULATION, initial);
  const population = known.get(trials) ?? selectPopulation(trials.observed, size);
  known.set(trials, population);
  if (population.length === 0) return { point: findSobolPoint(space, trials.seen, seed, number), source: 'initial' };
  const random = createRandom(seed, number, 0x45a2);
  for (let k = 0; k < MOST_DRAWS; k++) {
    const point = space.decode(createChild(space, population, random));
    if (isNew(space, trials.seen, point)) return { point, source: 'model' };
  }
  return { point: drawRandomPoint(space, trials.seen, seed, number), source: 'model' };
}

/** Selects the population after each generation of results; empty before the first one is complete. */
function selectPopulation(observed: readonly Valued[], size: number): Member[] {
  let population: Member[] = [];
  for (let from = 0; from + size <= observed.length; from += size) {
    const rows = [...population.map(({ row }) => row), ...observed.slice(from, from + size)];
    population = rankMembers(rows).sort(compareMembers).slice(0, size);
  }
  return population;
}

function rankMembers(rows: readonly Valued[]): Member[] {
  const ranks = rankRows(rows);
  const crowding = rows.map(() => 0);
  for (const rank of new Set(ranks)) {
    const front = [...rows.keys()].filter((i) => ranks[i] === rank);
    measureCrowding(front.map((i) => rows[i]!.objectives!)).forEach((value, k) => (crowding[front[k]!] = value));
  }
  return rows.map((row, i) => ({ row, rank: ranks[i]!, crowding: crowding[i]! }));
}

function compareMembers(a: Member, b: Member): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  return compareCrowding(a.crowding, b.crowding) || a.row.number - b.row.number;
}

function createChild(space: Space, population: readonly Member[], random: Random): Float64Array {
  const [first, second] = [chooseParent(population, random), chooseParent(population, random)];
  const child = Float64Array.from(first);
  const isCrossed = random.uniform() < CROSSING;
  const rate = 1 / space.axes.length;
  const [active, otherActive] = [space.findActive(first), space.findActive(second)];
  space.axes.forEach((axis, a) => {
    if (isCrossed && random.uniform() < 0.5) {
      const isNumber = !axis.categorical && active[a] && otherActive[a];
      child[a] = isNumber ? crossValues(first[a]!, second[a]!, random) : second[a]!;
    }
    const isAbsent = axis.categorical ? child[a]! < 0 : !(active[a] || otherActive[a]);
    if (!isAbsent && random.uniform() >= rate) return;
    const isRedrawn = isAbsent || axis.categorical;
    child[a] = isRedrawn ? axis.encode(axis.draw(random.uniform())) : mutateValue(child[a]!, random);
  });
  return child;
}

function chooseParent(population: readonly Member[], random: Random): Float64Array {
  const draw = (): Member => population[random.integer(population.length)]!;
  const [a, b] = [draw(), draw()];
  return (compareMembers(a, b) <= 0 ? a : b).row.x;
}

/** Simulated binary crossover; one of the two children (Deb & Agrawal 1995). */
function crossValues(a: number, b: number, random: Random): number {
  const u = random.uniform();
  const exponent = 1 / (CROSSOVER_INDEX + 1);
  const spread = u <= 0.5 ? (2 * u) ** exponent : (1 / (2 * (1 - u))) ** exponent;
  const side = random.uniform() < 0.5 ? 1 : -1;
  return limitToUnit(0.5 * (a + b) + side * 0.5 * spread * (a - b));
}

/** Polynomial mutation in the unit interval. */
function mutateValue(x: number, random: Random): number {
  const u = random.uniform();
  const exponent = 1 / (MUTATION_INDEX + 1);
  const step = u < 0.5 ? (2 * u) ** exponent - 1 : 1 - (2 * (1 - u)) ** exponent;
  return limitToUnit(x + step);
}

function limitToUnit(x: number): number {
  return Math.min(1, Math.max(0, x));
}
