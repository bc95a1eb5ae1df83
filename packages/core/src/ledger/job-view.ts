import type { EnqueuedPoint } from '../domain/enqueued-points.ts';
import type { CorruptRecord } from '../domain/errors.ts';
import type { JobDetails } from '../domain/job-details.ts';
import type { JobRecord, LeaseRecord } from '../domain/job-record.ts';
import type { JobSpec } from '../spec/job-spec.ts';

/** A job as `Ledger.readJob` reads it. */
export interface JobView {
  /** The ledger's clock, ms. */
  now: number;
  job: JobRecord;
  /** With the name and the labels that the job has now; see `readPostedSpec`. */
  spec: JobSpec;
  /** What clients changed of the job; null or absent if nothing. */
  details?: JobDetails | null;
  lease: LeaseRecord | null;
  /** Points that clients enqueued and that have no number yet, in order. */
  enqueued: readonly EnqueuedPoint[];
}

/** A job of a list. */
export interface ListedJob {
  id: string;
  /** Null for a job that was deleted in the meantime, or that cannot be read. */
  view: JobView | null;
  /** Why the job cannot be read; null if it can. */
  corrupt: CorruptRecord | null;
}

/** Which jobs to list: all, or the active ones only. */
export interface JobListing {
  active?: boolean;
}

/** A job as it is first stored. `writes` are further records, as text by field. */
export interface NewJob {
  job: JobRecord;
  spec: JobSpec;
  writes?: readonly (readonly [field: string, text: string])[];
}
