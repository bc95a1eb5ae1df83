import { milliseconds } from '../domain/duration.ts';
import { getCurrentAttempt, type TrialRecord } from '../domain/trial-record.ts';
import type { Draft } from '../ledger/draft.ts';

/**
 * The executor's verbs of the trial protocol; the same for our workers and for outside programs.
 *
 * | verb      | accepted while the trial is                          | otherwise                                  |
 * | --------- | ---------------------------------------------------- | ------------------------------------------ |
 * | begin     | pending; running under the same attempt id (repeat)  | refused, with the reason                   |
 * | heartbeat | running under this attempt; pending after it expired | `stale`, or `cancel` when it was cancelled |
 * | tell      | running under this attempt; pending after it expired | `already`, `conflict` or `stale`           |
 * | release   | running under this attempt                           | `stale`                                    |
 * | fail      | running under this attempt                           | `stale`                                    |
 *
 * A lost reply is safe for each of them: the same call again gets the same answer and changes nothing.
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

/** A trial's executor must be heard from this often, ms; it should speak several times within it. */
export interface Timing {
  leaseMs: number;
}

/** Lets a new attempt have a pending trial. */
export function startAttempt(
  draft: Draft,
  trial: TrialRecord,
  attemptId: string,
  worker: string,
  leaseMs: number,
): void {
  trial.attempts.push({
    id: attemptId,
    worker,
    startedAt: draft.now,
    finishedAt: null,
    outcome: 'running',
    reason: null,
  });
  trial.progress = null;
  trial.pruning = null;
  draft.moveTrial(trial, 'start');
  trial.lease = { attemptId, expiresAt: draft.now + leaseMs };
}

/** A failed or expired attempt: the trial gets another one after a back-off, or fails when none is left. */
export function endAttempt(
  draft: Draft,
  trial: TrialRecord,
  outcome: 'failed' | 'expired',
  reason: string,
  final: boolean,
): 'failed' | 'retry' {
  const attempt = getCurrentAttempt(trial)!;
  attempt.outcome = outcome;
  attempt.finishedAt = draft.now;
  attempt.reason = reason;
  const used = trial.attempts.filter((one) => one.outcome === 'failed' || one.outcome === 'expired').length;
  if (final || used >= draft.spec.limits.attempts) {
    settleAsFailed(draft, trial, reason);
    return 'failed';
  }
  draft.job.lastError = { at: draft.now, trial: trial.id, reason };
  draft.moveTrial(trial, 'retry', reason);
  if (outcome === 'failed') trial.notBefore = draft.now + milliseconds(draft.spec.limits.backoff) * 2 ** (used - 1);
  return 'retry';
}

export function settleAsFailed(draft: Draft, trial: TrialRecord, reason: string): void {
  draft.job.lastError = { at: draft.now, trial: trial.id, reason };
  draft.moveTrial(trial, 'fail', reason);
  limitFailures(draft);
}

/** Fails a running job that has more failed trials than it may. A paused one fails when it is resumed. */
export function limitFailures(draft: Draft): void {
  const {
    job: { counts, lastError },
    spec: { limits },
  } = draft;
  if (counts.failed > limits.maxFailures)
    draft.moveJob(
      'fail',
      `${counts.failed} trials failed, ${limits.maxFailures} are allowed; the last: ${lastError?.reason}`,
    );
}

/** The attempt is the trial's latest and either runs or expired without another begin since. */
export function holdsTrial(trial: TrialRecord, attemptId: string): boolean {
  const attempt = getCurrentAttempt(trial);
  if (attempt?.id !== attemptId) return false;
  return trial.state === 'running' || (trial.state === 'pending' && attempt.outcome === 'expired');
}

export function reviveAttempt(draft: Draft, trial: TrialRecord): void {
  const attempt = getCurrentAttempt(trial)!;
  attempt.outcome = 'running';
  attempt.finishedAt = null;
  attempt.reason = null;
  draft.moveTrial(trial, 'revive');
}
