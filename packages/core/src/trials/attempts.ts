import { countAllowedFailures } from '../domain/allowed-failures.ts';
import { milliseconds } from '../domain/duration.ts';
import { getCurrentAttempt, type TrialRecord } from '../domain/trial-record.ts';
import type { Draft } from '../ledger/draft.ts';

/**
 * Names one attempt at a trial. The executor's operations take it; they are the same for workers and external programs,
 * and each may be repeated after a lost reply: the same call gets the same answer and changes nothing.
 *
 * | operation | accepted while the trial is                          | otherwise                         |
 * | --------- | ---------------------------------------------------- | --------------------------------- |
 * | start     | pending; running under the same attempt id (repeat)  | refused, with the reason          |
 * | heartbeat | running under this attempt; pending after it expired | `stale`, or `cancel` if cancelled |
 * | complete  | running under this attempt; pending after it expired | `already`, `conflict` or `stale`  |
 * | release   | running under this attempt                           | `stale`                           |
 * | fail      | running under this attempt                           | `stale`                           |
 */
export interface AttemptRef {
  jobId: string;
  trialId: string;
  /** UUID made by the executor, once per attempt. */
  attemptId: string;
}

export interface Executor {
  /** Name of the worker, for people. */
  worker: string;
  /** Backend, precision and threads, see `JobRecord.runtime`. Null for executors that train nothing themselves. */
  runtime: string | null;
}

/** How long a lease lasts, ms. An executor sends several heartbeats within it. */
export interface Timing {
  leaseMs: number;
}

export interface NewAttempt extends Timing {
  attemptId: string;
  worker: string;
}

/** Starts a new attempt at a pending trial. */
export function startAttempt(draft: Draft, trial: TrialRecord, { attemptId, worker, leaseMs }: NewAttempt): void {
  const startedAt = draft.now;
  trial.attempts.push({ id: attemptId, worker, startedAt, finishedAt: null, outcome: 'running', reason: null });
  trial.progress = null;
  trial.pruning = null;
  draft.moveTrial(trial, 'start');
  trial.lease = { attemptId, expiresAt: draft.now + leaseMs };
}

export interface FailedAttempt {
  outcome: 'failed' | 'expired';
  reason: string;
  /** Another attempt would fail the same way, so the trial fails. */
  final: boolean;
}

/** Ends a failed or expired attempt. The trial gets another one after a back-off, or fails if none is left. */
export function endAttempt(
  draft: Draft,
  trial: TrialRecord,
  { outcome, reason, final }: FailedAttempt,
): 'failed' | 'retry' {
  const { limits } = draft.spec;
  const earlier = trial.attempts.filter((one) => one.outcome === 'failed' || one.outcome === 'expired').length;
  const used = earlier + 1;
  if (final || used >= limits.attempts) {
    settleAsFailed(draft, trial, { reason, outcome });
    return 'failed';
  }
  draft.job.lastError = { at: draft.now, trial: trial.id, reason };
  draft.moveTrial(trial, 'retry', { reason, outcome });
  if (outcome === 'failed') trial.notBefore = draft.now + milliseconds(limits.backoff) * 2 ** (used - 1);
  return 'retry';
}

/** Fails the trial, and its job if that has too many failures. */
export function settleAsFailed(
  draft: Draft,
  trial: TrialRecord,
  { reason, outcome = 'failed' }: Pick<FailedAttempt, 'reason'> & Partial<FailedAttempt>,
): void {
  draft.job.lastError = { at: draft.now, trial: trial.id, reason };
  draft.moveTrial(trial, 'fail', { reason, outcome });
  limitFailures(draft);
}

/** Fails a running job that has more failed trials than it allows. A paused job fails when it is resumed. */
export function limitFailures(draft: Draft): void {
  const { counts, lastError } = draft.job;
  const allowed = countAllowedFailures(draft.job, draft.spec.limits.maxFailures);
  if (counts.failed <= allowed) return;
  const failed = counts.failed === 1 ? '1 trial' : `${counts.failed} trials`;
  draft.moveJob('fail', `${failed} failed, ${allowed} are allowed; the last: ${lastError?.reason}`);
}

/** Returns whether the attempt is the trial's latest and either runs, or expired without another start since. */
export function holdsTrial(trial: TrialRecord, attemptId: string): boolean {
  const attempt = getCurrentAttempt(trial);
  if (attempt?.id !== attemptId) return false;
  return trial.state === 'running' || (trial.state === 'pending' && attempt.outcome === 'expired');
}

/** Continues an attempt that expired and then sent a heartbeat before another one started. */
export function reviveAttempt(draft: Draft, trial: TrialRecord): void {
  Object.assign(getCurrentAttempt(trial)!, { outcome: 'running', finishedAt: null, reason: null });
  draft.moveTrial(trial, 'revive');
}
