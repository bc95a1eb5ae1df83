import { rankTrials, type TrialRecord } from '@gradsmith/core/domain';
import type { JobDocument } from '@gradsmith/core/jobs';
import { describePareto, getDirection } from '@gradsmith/core/spec';

/** Returns up to `count` trials that a report shows: the best, or with several objectives the first on the front. */
export function listShownTrials({ spec, job, trials }: JobDocument, count: number): TrialRecord[] {
  const pareto = describePareto(job, spec.objectives);
  if (!pareto) return rankTrials(trials, getDirection(spec)).slice(0, count);
  const front = new Set(pareto.front.slice(0, count).map(({ number }) => number));
  return trials.filter(({ role, number }) => role === 'search' && number !== null && front.has(number));
}
