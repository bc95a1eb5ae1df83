import { dominates, findFront, measureCrowding } from '@gradsmith/bayesopt';
import { canonicalJson } from './canonical-json.ts';

/** Trials on the front that a job's record holds, at most. */
export const MAX_FRONT = 100;

/** The Pareto front of a job, as its record holds it. */
export interface ParetoRecord {
  /** Complete trials that no other dominates, by number, with their values in the order of the job's objectives. */
  front: { number: number; values: number[] }[];
  /** The worst value of each objective of all complete and feasible trials. */
  worst: number[];
  /**
   * How many trials were left out so far because the front was full, those with the least space around them. Later
   * trials may dominate them, and they may dominate later trials of the front.
   */
  omitted: number;
}

/** A new complete trial, and its values with signs such that smaller is better. */
interface Entry {
  number: number;
  values: number[];
}

/** Changes signs such that smaller is better. */
type ToCosts = (values: readonly number[]) => number[];

/**
 * Returns the front with a trial, and whether it changed. Of trials with the same values, the first counts. Beyond
 * `MAX_FRONT` the trial with the least space around it (crowding distance) is left out.
 */
export function addToFront(
  before: ParetoRecord | undefined,
  entry: Entry,
  toCosts: ToCosts,
): { pareto: ParetoRecord; isChanged: boolean } {
  const { front = [], worst = entry.values, omitted = 0 } = before ?? {};
  const costs = toCosts(entry.values);
  const worstCosts = toCosts(worst);
  const nextWorst = entry.values.map((value, m) => (costs[m]! > worstCosts[m]! ? value : worst[m]!));
  const all = [...front, entry];
  const kept = findFront(all.map(({ values }) => toCosts(values))).map((i) => all[i]!);
  const isFull = kept.length > MAX_FRONT;
  if (isFull) kept.splice(findMostCrowded(kept.map(({ values }) => toCosts(values))), 1);
  kept.sort((a, b) => a.number - b.number);
  const isChanged = kept.includes(entry);
  const pareto = { front: isChanged ? kept : front, worst: nextWorst, omitted: omitted + Number(isFull) };
  return { pareto, isChanged };
}

function findMostCrowded(costs: readonly number[][]): number {
  const distances = measureCrowding(costs);
  return distances.indexOf(Math.min(...distances));
}

/**
 * Returns whether a front is that of the complete trials: each has these values, no other dominates it, none is listed
 * twice, none is missing, and the worst values are theirs. If some were left out of a full front, these may be missing
 * and may dominate trials that came later, but no trial of the front dominates another.
 *
 * @param outcomes values of the complete and feasible trials by number
 */
export function isFrontOf(
  pareto: ParetoRecord | undefined,
  outcomes: ReadonlyMap<number | null, readonly number[]>,
  toCosts: ToCosts,
): boolean {
  const known = [...outcomes.values()];
  if (!pareto || !known.length) return !pareto && !known.length;
  const { front, worst, omitted } = pareto;
  if ([{ values: worst }, ...front].some(({ values }) => values.length !== known[0]!.length)) return false;
  const costs = known.map(toCosts);
  const listed = new Set(front.map(({ values }) => canonicalJson(values)));
  const own = front.map(({ values }) => toCosts(values));
  const isCovered = (values: readonly number[], i: number) =>
    listed.has(canonicalJson(values)) || own.some((each) => dominates(each, costs[i]!));
  return (
    listed.size === front.length &&
    front.every(
      ({ number, values }, f) =>
        canonicalJson(values) === canonicalJson(outcomes.get(number) ?? null) &&
        !(omitted > 0 ? own : costs).some((other) => dominates(other, own[f]!)),
    ) &&
    (omitted > 0 ? front.length > 0 : known.every(isCovered)) &&
    canonicalJson(toCosts(worst)) === canonicalJson(findWorst(costs))
  );
}

function findWorst(costs: readonly number[][]): number[] {
  return costs[0]!.map((_, m) => costs.reduce((worst, each) => Math.max(worst, each[m]!), -Infinity));
}
