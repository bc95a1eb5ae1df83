import type { ModelState, Point } from '@gradsmith/bayesopt';
import type { Pruning } from './pruning.ts';
import type { TrialResult } from './trial-result.ts';
import type { TrialMove, TrialState } from './trial-states.ts';

/**
 * A trial's place in its job.
 *
 * - `search`: counted by the budget, numbered 0, 1, 2…
 * - `reference`: plain backpropagation under the same seeds; outside budget, model and best
 * - `confirm`: a best point, or the reference, once more under a fresh seed; outside the budget too
 */
export type TrialRole = 'search' | 'reference' | 'confirm';

/** How the point was found; enough to compute it again (property 4). */
export interface TrialSource {
  kind: 'initial' | 'model' | 'enqueued' | 'fixed';
  /** The change of the job up to which the optimizer had seen its trials. */
  seenSeq: number;
  /** Under which a client enqueued the point. */
  key?: string;
  model?: ModelState;
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

/**
 * How far an attempt has come: the steps trained and the sum of their capped losses, or, of an outside objective, its
 * last step and the intermediate value there.
 */
export type Progress = { step: number; partialSum: number } | { step: number; value: number };

export interface TrialRecord {
  schema: 2;
  /** `0`, `1`, … for search trials, `reference`, or `confirm-<number|reference>-<seed index>`. */
  id: string;
  role: TrialRole;
  number: number | null;
  /** For confirm trials: the search trial it repeats (null: the reference) and the index of its fresh seed. */
  confirms: { number: number | null; seedIndex: number } | null;
  state: TrialState;
  point: Point;
  /** Seed of initial weights and batch order. */
  seed: number;
  source: TrialSource;
  /** Grows with each return to pending; part of the message id, so that no kept message swallows a new one. */
  dispatch: number;
  /** Not to be dispatched before this moment (ledger's clock, ms): the back-off after a failure. */
  notBefore: number;
  attempts: Attempt[];
  preemptions: number;
  lease: { attemptId: string; expiresAt: number } | null;
  progress: Progress | null;
  /** Why the running attempt was told to stop early; null where it was not, or completed all the same. */
  pruning: Pruning | null;
  /** Without its curve, which the ledger keeps beside the record. */
  result: Omit<TrialResult, 'curve'> | null;
  /** Digest of the told result: tells a repeated tell from a conflicting one. */
  digest: string | null;
  reason: string | null;
  createdAt: number;
  settledAt: number | null;
  /** Every move with the sequence number of the job's change: what was known at any `seenSeq`. */
  history: [seq: number, move: TrialMove | 'create'][];
}

/** The attempt that may heartbeat, tell, release or fail now, or tell late after it expired. */
export function getCurrentAttempt(trial: TrialRecord): Attempt | undefined {
  return trial.attempts.at(-1);
}
