import type { ModelState, Outlook, Point } from '@gradsmith/bayesopt';
import type { BaselineName } from './baselines.ts';
import type { Progress } from './progress.ts';
import type { Pruning } from './pruning.ts';
import type { SCHEMA_VERSION } from './schema-version.ts';
import type { TrialResult } from './trial-result.ts';
import type { TrialMove, TrialState } from './trial-states.ts';

/**
 * A trial's place in its job.
 *
 * - `search`: counted by the budget, numbered 0, 1, 2…
 * - `reference`: plain backpropagation under the same seeds; not in budget, model and best
 * - `baseline`: tunes a baseline, numbered 0, 1, 2… for each; not in budget, model and best
 * - `confirm`: a best point, a baseline or the reference once more under a fresh seed; not in the budget too
 */
export const trialRoles = ['search', 'reference', 'baseline', 'confirm'] as const;
export type TrialRole = (typeof trialRoles)[number];

/**
 * What a trial's point comes from: the initial design, the model, a random point in place of a model's suggestion that
 * could not be computed, a client, or the job itself (reference and confirmations).
 */
export const sourceKinds = ['initial', 'model', 'fallback', 'enqueued', 'fixed'] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** How the point was found, which is enough to recompute it (invariant 4). */
export interface TrialSource {
  kind: SourceKind;
  /** Sequence number of the last change that the optimizer had seen. */
  seenSeq: number;
  /** Key under which a client enqueued the point. */
  key?: string;
  /** Why the model's suggestion could not be computed, for a fallback. */
  reason?: string;
  model?: ModelState;
  /** What the model expected of the search, in jobs with `search.stop.improvement`. */
  outlook?: Outlook;
  /** Version of the optimizer and of the JavaScript engine, whose Math functions fix the last bits. */
  versions?: Record<string, string>;
}

/** One try at executing the trial. `id` is a UUID made by the executor. */
export interface Attempt {
  id: string;
  worker: string;
  startedAt: number;
  finishedAt: number | null;
  outcome: 'running' | 'reported' | 'failed' | 'released' | 'expired' | 'cancelled';
  reason: string | null;
}

export interface TrialRecord {
  schema: typeof SCHEMA_VERSION;
  /** `0`, `1`, … for search trials; `reference`; `<baseline>-<number>`; `confirm-<number|reference|baseline>-<i>`. */
  id: string;
  role: TrialRole;
  /** Of search and baseline trials. */
  number: number | null;
  /** For trials that tune or confirm a baseline. */
  baseline?: BaselineName | undefined;
  /**
   * For confirm trials: the search trial it repeats, or with `baseline` that baseline's trial (null: the reference),
   * and the index of its fresh seed.
   */
  confirms: { number: number | null; seedIndex: number } | null;
  state: TrialState;
  point: Point;
  /** Seed of initial weights and batch order. */
  seed: number;
  source: TrialSource;
  /**
   * Grows each time the trial becomes pending again. Part of the message id, so that an old message cannot hide a new
   * one.
   */
  dispatch: number;
  /** Earliest start of the next attempt (ledger's clock, ms): the back-off after a failure. */
  notBefore: number;
  attempts: Attempt[];
  preemptions: number;
  lease: { attemptId: string; expiresAt: number } | null;
  progress: Progress | null;
  /** Why the running attempt was asked to stop early; null if it was not, or completed all the same. */
  pruning: Pruning | null;
  /** Without its curve and recording, which the ledger stores separately. */
  result: Omit<TrialResult, 'curve' | 'recording'> | null;
  /** Whether the result fulfills the measured constraints; absent in jobs without them, and without a result. */
  feasible?: boolean | undefined;
  /** Digest of the reported result: distinguishes a repeated report from a conflicting one. */
  digest: string | null;
  reason: string | null;
  createdAt: number;
  settledAt: number | null;
  /** Every move with its sequence number, so that the state at any `seenSeq` is known. */
  history: [seq: number, move: TrialMove | 'create'][];
}

/** Returns the latest attempt: the one that may send heartbeats and report, also late after it expired. */
export function getCurrentAttempt(trial: TrialRecord): Attempt | undefined {
  return trial.attempts.at(-1);
}
