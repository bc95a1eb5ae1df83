import { z } from 'zod';
import type { JobRecord } from './job-record.ts';

/** The budget of a job: its search trials in all. */
export const budgetSchema = z.int().min(1).max(100_000);

/** Returns how many search trials the job may still create; none once a rule stopped the search. */
export function getRemainingBudget(job: JobRecord): number {
  return job.stopped ? 0 : getUnusedBudget(job);
}

/** Returns how much of the budget is left, whether or not a rule stopped the search. */
export function getUnusedBudget(job: JobRecord): number {
  return job.budget - (job.nextNumber - job.invalidated);
}

/** Counts the search trials that have a result and were not invalidated. */
export function countResults({ counts }: JobRecord): number {
  return counts.complete + counts.pruned + counts.diverged;
}

/** Counts the settled search trials that were not invalidated. */
export function countSettled({ counts }: JobRecord): number {
  return counts.complete + counts.pruned + counts.diverged + counts.failed;
}
