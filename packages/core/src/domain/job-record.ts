import type { Point } from '@gradsmith/bayesopt';
import type { JobState } from './job-states.ts';
import type { ParetoRecord } from './pareto-record.ts';
import type { SCHEMA_VERSION } from './schema-version.ts';
import type { TrialState } from './trial-states.ts';

export const stopRules = ['target', 'patience', 'time', 'improvement'] as const;
export type StopRule = (typeof stopRules)[number];

/** A new best value: the search trials that had settled by then, and the value. */
export type Improvement = [settled: number, value: number];

/** A time in which a job was paused and none of its trials ran. */
export type Pause = [from: number, to: number];

/** A gain over fresh paired seeds, without the pairs. */
export interface MeanGain {
  mean: number;
  /** 95 % interval of the mean; null with fewer than two pairs. */
  interval: [low: number, high: number] | null;
  /** Pairs of values. */
  seeds: number;
}

/** The part of a job that changes. Its specification is its own record and never changes. */
export interface JobRecord {
  schema: typeof SCHEMA_VERSION;
  id: string;
  state: JobState;
  /** Why it failed, was cancelled, or completed at its deadline. */
  reason: string | null;
  createdAt: number;
  startedAt: number | null;
  /**
   * When the job was last extended after it had finished, and the search trials settled by then; absent if it never
   * was.
   */
  resumed?: { at: number; settled: number } | undefined;
  finishedAt: number | null;
  /** The rule of `search.stop` that stopped the search, and when; absent while none did. */
  stopped?: { rule: StopRule; at: number } | undefined;
  /** Search trials that had a result when patience began to count; absent without `search.stop.patience`. */
  patienceFrom?: number | undefined;
  /**
   * How often in a row the model expected too little improvement, each time with more results, and the results at the
   * last time; absent without `search.stop.improvement`.
   */
  converged?: { count: number; results: number } | undefined;
  /** Sequence number of the last change; every transition of the job or one of its trials adds one. */
  seq: number;
  /** Search trials that may be created in total; extending the job raises it. */
  budget: number;
  /** Number of the next search trial. Numbers are never reused. */
  nextNumber: number;
  /** Trials that were invalidated or retried; each raises the remaining budget by one. */
  invalidated: number;
  /**
   * How often a settled trial was changed (invalidated, retried). While it stays the same, settled records can be
   * cached.
   */
  rewritten: number;
  /** Search trials by state. */
  counts: Record<TrialState, number>;
  /** Ids of pending and running trials of any role, at most `maxParallelism`. */
  open: string[];
  /** Ids of reference and confirm trials, in order of creation. */
  extras: string[];
  /** With measured constraints, a trial that fulfills them. Null in jobs with several objectives. */
  best: { number: number; value: number; point: Point } | null;
  /** Complete search trials that do not fulfill the measured constraints; absent while there are none. */
  infeasible?: number | undefined;
  /** The one of them that violates the constraints the least, with the metric that exceeds its limit the most. */
  closest?: { number: number; violation: number; metric: string; value: number; limit: number } | undefined;
  /** The Pareto front of a job with several objectives; absent before its first complete and feasible trial. */
  pareto?: ParetoRecord | undefined;
  /** Values of the best search trials, best first; as many as are confirmed, at least one. */
  leaders: number[];
  /** How the best value improved, for lists: thinned to `MAX_IMPROVEMENTS` entries. Absent before the first result. */
  improvements?: Improvement[] | undefined;
  /** When the latest search trials settled, at most `MAX_RECENT`, for the pace. Absent before the first. */
  settledTimes?: number[] | undefined;
  /** The same of trials of other roles. */
  extraTimes?: number[] | undefined;
  /** When the job was paused; absent unless it is. */
  pausedAt?: number | undefined;
  /** The latest pauses, at most `MAX_RECENT`, which do not count for the pace. Absent before the first. */
  pauses?: Pause[] | undefined;
  /** The best trial against the reference over fresh seeds, for lists; absent without a pair. */
  confirmedGain?: (MeanGain & { trial: number }) | undefined;
  /** Value of the reference trial; null until it is complete. */
  reference: number | null;
  /** Backend, precision and threads of every trial of this job, pinned by the first start (invariant 6). */
  runtime: string | null;
  lastError: { at: number; trial: string; reason: string } | null;
}

/** Marks an imported job. The job's own record stays as it was exported. */
export interface ImportRecord {
  schema: typeof SCHEMA_VERSION;
  /** When it was imported, by the clock of this ledger. */
  at: number;
}

/** A coordinator's lease on a job. The fence only grows and never expires, so safety does not depend on time. */
export interface LeaseRecord {
  schema: typeof SCHEMA_VERSION;
  owner: string;
  fence: number;
  expiresAt: number;
}
