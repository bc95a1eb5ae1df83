import type { JobRecord } from './record.ts';

/** Numbers that may still be issued. */
export function budgetLeft(job: JobRecord): number {
  return job.budget - (job.nextNumber - job.invalidated);
}
