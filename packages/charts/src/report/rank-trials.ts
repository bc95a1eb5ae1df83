import { isFiniteNumber } from '../text/numbers.ts';
import type { ReportData, TrialData } from './data.ts';

/** A complete trial with its value. */
export type CompleteTrial = TrialData & { readonly value: number };

type RankedData = Pick<ReportData, 'trials' | 'metric'> & Partial<Pick<ReportData, 'pareto'>>;

/** Ranks complete trials, best first; equal ones by number. With several objectives, no trial is the best. */
export function rankTrials({ trials, metric, pareto }: RankedData): CompleteTrial[] {
  if (pareto) return [];
  const sign = metric.direction === 'minimize' ? 1 : -1;
  return listComplete(trials).toSorted((a, b) => sign * (a.value - b.value) || a.number - b.number);
}

/** Returns the trials that a figure marks: the `count` best, or with several objectives all on the Pareto front. */
export function listMarkedTrials(data: RankedData, count: number): CompleteTrial[] {
  if (!data.pareto) return rankTrials(data).slice(0, count);
  const front = new Set(data.pareto.outcomes.filter(({ kind }) => kind === 'front').map(({ number }) => number));
  return listComplete(data.trials).filter(({ number }) => front.has(number));
}

/** Returns what the legend calls the trials that `listMarkedTrials` returns. */
export function nameMarkedTrials({ pareto }: Pick<ReportData, 'pareto'>, best: string): string {
  return pareto ? 'on the Pareto front' : best;
}

function listComplete(trials: readonly TrialData[]): CompleteTrial[] {
  return trials.filter((trial): trial is CompleteTrial => trial.state === 'complete' && isFiniteNumber(trial.value));
}
