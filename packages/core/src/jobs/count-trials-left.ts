import { getRemainingBudget } from '../domain/budget.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { getBaselineBudget, listBaselines } from '../spec/baselines.ts';
import { isTrainingJob, type JobSpec } from '../spec/job-spec.ts';

/**
 * Returns how many trials of every role an active job has to settle, as far as is known. Which points are confirmed is
 * decided after the search: fewer if trials fail, and an extended job may confirm others again.
 */
export function countTrialsLeft(job: JobRecord, spec: JobSpec): number {
  const { counts, extras, open } = job;
  const search = getRemainingBudget(job) + counts.pending + counts.running;
  const openExtras = open.filter((id) => extras.includes(id)).length;
  return search + openExtras + Math.max(0, countExtras(job, spec, search) - extras.length);
}

/** Returns how many trials a job has in addition to its search: the reference, tuned baselines, and confirmations. */
function countExtras(job: JobRecord, spec: JobSpec, searchLeft: number): number {
  if (!isTrainingJob(spec)) return 0;
  const { top, seeds } = spec.confirm;
  const candidates = job.counts.complete - (job.infeasible ?? 0) + searchLeft;
  const points = Math.min(top, candidates);
  if (points <= 0) return 1;
  const baselines = listBaselines(spec).length;
  return 1 + baselines * getBaselineBudget(spec) + seeds * (1 + points + baselines);
}
