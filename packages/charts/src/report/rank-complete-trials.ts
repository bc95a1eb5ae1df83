import { compareByValue } from '@gradsmith/core/domain';
import { isFiniteNumber } from '../text/numbers.ts';
import type { ReportData, TrialData } from './data.ts';

/** A complete trial with its value. */
export type CompleteTrial = TrialData & { readonly value: number };

type RankedData = Pick<ReportData, 'trials' | 'metric'> & Partial<Pick<ReportData, 'pareto'>>;

/** Complete trials by direction. The figures of a job rank the same trials, and many take long to sort. */
const ranked = new WeakMap<readonly TrialData[], Map<string, readonly CompleteTrial[]>>();

/** Ranks complete trials, best first; equal ones by number. With several objectives, no trial is the best. */
export function rankCompleteTrials({ trials, metric: { direction }, pareto }: RankedData): readonly CompleteTrial[] {
  return pareto ? [] : sortByValue(trials, direction);
}

/** Sorts complete trials by their value, best first; equal ones by number. */
export function sortByValue(
  trials: readonly TrialData[],
  direction: ReportData['metric']['direction'],
): readonly CompleteTrial[] {
  const known = ranked.get(trials) ?? new Map<string, readonly CompleteTrial[]>();
  ranked.set(trials, known);
  const order = known.get(direction) ?? trials.filter(isComplete).toSorted(compareByValue(direction));
  known.set(direction, order);
  return order;
}

/** Returns the trials that a figure marks: the `count` best, or with several objectives all on the Pareto front. */
export function listMarkedTrials(data: RankedData, count: number): readonly CompleteTrial[] {
  if (!data.pareto) return rankCompleteTrials(data).slice(0, count);
  const front = new Set(data.pareto.outcomes.filter(({ kind }) => kind === 'front').map(({ number }) => number));
  return data.trials.filter(isComplete).filter(({ number }) => front.has(number));
}

/** Returns what the legend calls the trials that `listMarkedTrials` returns. */
export function nameMarkedTrials({ pareto }: Pick<ReportData, 'pareto'>, best: string): string {
  return pareto ? 'on the Pareto front' : best;
}

/** Counts the trials that have an outcome, as the progress of a job does: not those that were cancelled. */
export function countSettled(trials: readonly TrialData[]): number {
  return trials.filter(({ state }) => state !== 'pending' && state !== 'running' && state !== 'cancelled').length;
}

/** Returns true for a complete trial with a value that can be compared. */
export function isComplete(trial: TrialData): trial is CompleteTrial {
  return trial.state === 'complete' && isFiniteNumber(trial.value);
}
