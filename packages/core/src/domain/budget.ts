import type { JobRecord } from './job-record.ts';

/** Numbers that may still be issued. */
export function getRemainingBudget(job: JobRecord): number {
  return job.budget - (job.nextNumber - job.invalidated);
}

/** Search trials that have ended and were not taken back. */
export function countSettled({ counts }: JobRecord): number {
  return counts.complete + counts.pruned + counts.diverged + counts.failed;
}
