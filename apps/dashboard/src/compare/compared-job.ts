import type { JobStatus } from '@gradsmith/contract';
import type { JobSpec } from '@gradsmith/core/spec';
import type { TrialRow } from '../data/trial-rows.ts';

export interface ComparedJob {
  /** Name of the job, with the end of its id where two names are equal. */
  readonly name: string;
  readonly status: JobStatus;
  readonly spec: JobSpec;
  readonly rows: readonly TrialRow[];
}

/** Returns the jobs with the metric of the first one: other values are not comparable. */
export function listComparable(jobs: readonly ComparedJob[]): readonly ComparedJob[] {
  const { metric, direction } = jobs[0]!.status;
  return jobs.filter(({ status }) => status.metric === metric && status.direction === direction);
}
