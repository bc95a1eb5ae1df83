import type { JobRecord } from './record.ts';

/** Numbers that may still be issued. */
export function budgetLeft(job: JobRecord): number {
  return job.budget - (job.nextNumber - job.invalidated);
}

/** Search trials that have ended and were not taken back. */
export function settledCount({ counts }: JobRecord): number {
  return counts.complete + counts.pruned + counts.diverged + counts.failed;
}
