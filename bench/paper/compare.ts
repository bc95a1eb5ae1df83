import { computeMeanInterval } from '@gradsmith/core/domain';
import type { JobSummary, TrialSummary } from './summarize-job.ts';

/** A mean over paired seeds with its 95 % interval. */
export interface Mean {
  mean: number;
  /** Half the width of the interval; null with fewer than two values. */
  half: number | null;
  count: number;
}

export function computeMean(values: readonly number[]): Mean | null {
  if (!values.length) return null;
  const { mean, interval } = computeMeanInterval(values);
  return { mean, half: interval && (interval[1] - interval[0]) / 2, count: values.length };
}

/** What was confirmed on fresh seeds: a search trial by its number, a baseline by its name, or the reference. */
export type Candidate = number | string | null;

/** Returns the values of a candidate by the index of the fresh seed. */
export function readConfirmed(job: JobSummary, candidate: Candidate): Map<number, TrialSummary> {
  const isWanted = ({ role, baseline, confirms = null }: TrialSummary): boolean => {
    if (role !== 'confirm') return false;
    return typeof candidate === 'string' ? baseline === candidate : baseline === undefined && confirms === candidate;
  };
  return new Map(job.trials.filter(isWanted).map((trial) => [trial.seedIndex!, trial]));
}

/** Returns the differences of two sets of values over the seeds that both have: `other` minus `own`. */
export function pairValues(own: Map<number, TrialSummary>, other: Map<number, TrialSummary>): number[] {
  return pairNumbers(own, other, ({ value }) => value);
}

/** As `pairValues`, of a metric. */
export function pairMetric(own: Map<number, TrialSummary>, other: Map<number, TrialSummary>, metric: string): number[] {
  return pairNumbers(own, other, ({ metrics }) => metrics[metric] ?? null);
}

function pairNumbers(
  own: Map<number, TrialSummary>,
  other: Map<number, TrialSummary>,
  read: (trial: TrialSummary) => number | null,
): number[] {
  return [...own].flatMap(([index, trial]) => {
    const compared = other.get(index);
    if (!compared || compared.seed !== trial.seed) return [];
    const [ours, theirs] = [read(trial), read(compared)];
    return ours === null || theirs === null ? [] : [theirs - ours];
  });
}

/** Returns the search trials that have a value, best first. */
export function rankSummaries({ spec, trials }: JobSummary): TrialSummary[] {
  const isAccuracy = 'metric' in spec.objective && spec.objective.metric === 'validation-accuracy';
  const sign = isAccuracy ? -1 : 1;
  return trials
    .filter(({ role, value }) => role === 'search' && value !== null)
    .sort((a, b) => sign * (a.value! - b.value!) || Number(a.id) - Number(b.id));
}
