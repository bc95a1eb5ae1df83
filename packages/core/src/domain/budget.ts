import type { JobRecord } from './job-record.ts';

/** Returns how many search trials the job may still create. */
export function getRemainingBudget(job: JobRecord): number {
  return job.budget - (job.nextNumber - job.invalidated);
}

/** Counts the settled search trials that were not invalidated. */
export function countSettled({ counts }: JobRecord): number {
  return counts.complete + counts.pruned + counts.diverged + counts.failed;
}
