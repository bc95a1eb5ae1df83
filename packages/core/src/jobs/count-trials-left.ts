import { getRemainingBudget } from '../domain/budget.ts';
import type { JobRecord } from '../domain/job-record.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { countExtrasOfRecord } from './count-expected-extras.ts';

/**
 * Returns how many trials of every role an active job has to settle, as far as is known: fewer if trials fail. It is an
 * upper bound for an extended job, because it is not known which of its best points are confirmed already.
 */
export function countTrialsLeft(job: JobRecord, spec: JobSpec): number {
  const { counts, extras, open } = job;
  const search = getRemainingBudget(job) + counts.pending + counts.running;
  const openExtras = open.filter((id) => extras.includes(id)).length;
  return search + openExtras + countExtrasOfRecord(job, spec);
}
