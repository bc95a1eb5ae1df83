import type { JobRecord } from './job-record.ts';

/** Lists the ids of all trials of a job: search trials by number, then the others in order of creation. */
export function listTrialIds({ nextNumber, extras }: Pick<JobRecord, 'nextNumber' | 'extras'>): string[] {
  return [...Array.from({ length: nextNumber }, (_, n) => String(n)), ...extras];
}
