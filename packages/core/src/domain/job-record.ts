import type { Point } from '@gradsmith/bayesopt';
import type { JobState } from './job-states.ts';
import type { TrialState } from './trial-states.ts';

/** The part of a job that changes; its specification is stored once, beside it, and never changes. */
export interface JobRecord {
  schema: 2;
  id: string;
  state: JobState;
  /** Why it failed or was cancelled. */
  reason: string | null;
  createdAt: number;
  startedAt: number | null;
  /**
   * When it was last set going again after it had ended, and the search trials settled by then; absent where it never
   * was.
   */
  resumed?: { at: number; settled: number } | undefined;
  finishedAt: number | null;
  /** Sequence number of the last change; every transition of the job or one of its trials adds one. */
  seq: number;
  /** Numbers the search may settle; grows by extending. */
  budget: number;
  /** The next search trial's number: numbers are never used again. */
  nextNumber: number;
  /** Completed trials taken back and failed ones retried; each gives the budget one number more. */
  invalidated: number;
  /**
   * How often a settled trial was changed after all (invalidated, retried): until it grows, settled records stay as
   * read.
   */
  rewritten: number;
  /** Search trials by state. */
  counts: Record<TrialState, number>;
  /** Ids of pending and running trials of any role: never more than `maxParallelism`, so small. */
  open: string[];
  /** Ids of reference and confirm trials, in order of issue. */
  extras: string[];
  best: { number: number; value: number; point: Point } | null;
  /** Values of the best search trials, best first: as many as are confirmed, at least one. */
  leaders: number[];
  /** Value of the reference trial, when it completed. */
  reference: number | null;
  /** Backend, precision and threads every trial of this job must have; set by the first begin (property 6). */
  runtime: string | null;
  lastError: { at: number; trial: string; reason: string } | null;
}

/** Of a job that came from another ledger. Not part of the job's own record, which travels on as it is. */
export interface ImportRecord {
  schema: 2;
  /** When it was imported, by the clock of this ledger. */
  at: number;
}

/** The coordinator's lease on a job. The fence only grows and has no expiry: safety never depends on time. */
export interface LeaseRecord {
  schema: 2;
  owner: string;
  fence: number;
  expiresAt: number;
}
