import type { FindQuery, FoundJobs, JobNames, JobProgress } from './job-index.ts';

/**
 * The storage of the ledger: for each job a map from field to text, changed by compare-and-set.
 *
 * The rules of the domain are above it, once for both adapters. `commit` is one atomic and durable step: it writes
 * every field or none, and only while each expected field still holds exactly the text it was read with. It writes
 * whole fields, never increments or appends, so that applying it twice after a crash changes nothing.
 */
export interface LedgerStore {
  /** Reads fields and the store's clock in one step. Missing fields come as null. */
  read(jobId: string, fields: readonly string[]): Promise<StoreRead>;
  /** Returns false if the change was refused: something that it expects is different. */
  commit(jobId: string, change: StoreChange): Promise<boolean>;
  /**
   * As `commit`, but a refused change returns what `read` would return for `fields`, read in the same step: the caller
   * can decide again without another round trip. Returns null if the change was committed.
   */
  commitOrRead(jobId: string, change: StoreChange, fields: readonly string[]): Promise<StoreRead | null>;
  /** Removes the job with all its fields; with `expected`, only while that field has that text. False: it has not. */
  remove(jobId: string, expected?: readonly [field: string, text: string]): Promise<boolean>;
  /**
   * Ids of all jobs, or of the active ones, newest first, in pages of at most `pageSize`. Each page is read when it is
   * asked for, whatever happens to the jobs of those before it: they may be changed or removed. Hint only: an id may
   * have no record.
   */
  list(query: { pageSize: number; active?: boolean | undefined }): AsyncIterable<string[]>;
  /**
   * Finds jobs by the index, without reading a job. What it returns was true of each job at one time during the call.
   * Jobs that the index does not name are not found.
   *
   * A page in the order of `createdAt` takes as long as its jobs. Every other order takes, for each page, as long as
   * all jobs that match the filter: in Redis they are read and sorted in this process, in SQLite by the database.
   */
  find(query: FindQuery): Promise<FoundJobs>;
  /**
   * Ids of jobs that the index does not name, or whose names and state in it may be wrong, because an earlier version
   * was the last to change how they are listed. Looks at each job, in steps; yields what each step found.
   */
  listUnnamed(): AsyncIterable<string[]>;
  /**
   * Returns a random text that belongs to this storage and never changes. The first call makes it durable before it
   * returns. It is no part of any job, and no list shows it.
   */
  readSecret(): Promise<string>;
  /** Throws LedgerUnavailable within its bound where the store does not answer or may not be written. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Fields and the store's clock as of one step. */
export interface StoreRead {
  /** Ms. */
  now: number;
  /** The texts in the order of the names that were asked for; null if missing. */
  values: (string | null)[];
}

export interface StoreChange {
  expected: readonly (readonly [field: string, text: string | null])[];
  /** More than 3,000 only where the job is not there yet: it is imported whole. */
  writes: readonly (readonly [field: string, text: string])[];
  /** How the index of jobs lists it from now on; absent: unchanged. */
  index?: IndexChange;
}

/** How the index lists a job from now on. */
export interface IndexChange {
  createdAt: number;
  active: boolean;
  /** Absent only in changes by earlier versions: what the index says of the job may then be wrong; it is unnamed. */
  progress?: JobProgress;
  /** Absent: unchanged. */
  names?: JobNames;
  /** What the index lists until now, so that it can be removed. */
  before?: { state: JobProgress['state']; names?: JobNames | undefined };
}
