import { countBaselineTrials } from '../domain/baselines.ts';
import { getRemainingBudget } from '../domain/budget.ts';
import { listConfirmedNumbers, listConfirmTrialIds, REFERENCE_ID } from '../domain/confirm-trials.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { getBaselineBudget, listBaselines } from '../spec/baselines.ts';
import { isTrainingJob, type JobSpec } from '../spec/job-spec.ts';

/** What the number of trials outside the search depends on. */
export interface ExtrasProgress {
  /** Ids of the trials that exist outside the search. */
  extras: readonly string[];
  /** Search trials that are complete and feasible, and those that may become so. */
  candidates: number;
  /** Numbers of the best search trials, as far as they are known, best first. */
  leaders: readonly number[];
}

/**
 * Returns how many trials outside the search a job is still expected to create: the reference, tuned baselines, and
 * confirmations of its best points and baselines. A best point that is not known counts as if none of its confirmations
 * existed. It is an upper bound, because a baseline without a complete trial is not confirmed.
 */
export function countExpectedExtras(spec: JobSpec, { extras, candidates, leaders }: ExtrasProgress): number {
  if (!isTrainingJob(spec)) return 0;
  const { top, seeds } = spec.confirm;
  const existing = new Set(extras);
  const countMissing = (ids: readonly string[]): number => ids.filter((id) => !existing.has(id)).length;
  const reference = countMissing([REFERENCE_ID]);
  const points = Math.min(top, candidates);
  if (points <= 0) return reference;
  const baselines = listBaselines(spec);
  const tuning = baselines.map((name) => Math.max(0, getBaselineBudget(spec) - countBaselineTrials({ extras }, name)));
  const known = leaders.slice(0, points);
  const confirmed = [null, ...known, ...baselines].map((each) => countMissing(listConfirmTrialIds(each, seeds)));
  const unknown = (points - known.length) * seeds;
  return [reference, unknown, ...tuning, ...confirmed].reduce((sum, count) => sum + count, 0);
}

/**
 * Returns the same from the record of a job alone. It is exact if the job was never extended and none of its trials was
 * invalidated or retried: only then are all confirmed points among the best ones. Otherwise only the best point is
 * known, and the number is an upper bound.
 */
export function countExtrasOfRecord(job: JobRecord, spec: JobSpec): number {
  const { extras, counts, best } = job;
  const searchLeft = getRemainingBudget(job) + counts.pending + counts.running;
  const candidates = counts.complete - (job.infeasible ?? 0) + searchLeft;
  const isFirstSearch = job.budget === spec.search.trials && job.invalidated === 0 && !job.resumed;
  const confirmed = isFirstSearch ? listConfirmedNumbers(extras).map(Number) : [];
  const leaders = searchLeft > 0 || !best ? confirmed : [...new Set([best.number, ...confirmed])];
  return countExpectedExtras(spec, { extras, candidates, leaders });
}
