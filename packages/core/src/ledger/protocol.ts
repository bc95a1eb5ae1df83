import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson } from '../canonical-json.ts';
import { milliseconds } from '../duration.ts';
import type { JobSpec } from '../job/spec.ts';
import { currentAttempt, type Progress, type TrialRecord } from '../trial/record.ts';
import type { TrialResult } from '../trial/result.ts';
import { isSettled } from '../trial/states.ts';
import type { Draft } from './draft.ts';
import type { Ledger } from './ledger.ts';
import { noteProgress } from './prune.ts';

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

export type BeginAnswer =
  | { kind: 'started'; trial: TrialRecord; spec: JobSpec; leaseMs: number }
  | {
      kind: 'refused';
      reason: 'unknown-trial' | 'settled' | 'leased' | 'job-not-running' | 'other-runtime' | 'attempt-over';
    };

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

export async function begin(
  ledger: Ledger,
  ref: AttemptRef,
  executor: Executor,
  { leaseMs }: Timing,
): Promise<BeginAnswer> {
  return ledger.transact(ref.jobId, { trials: [ref.trialId] }, (draft): BeginAnswer => {
    const trial = draft.trials.get(ref.trialId);
    if (!trial) return { kind: 'refused', reason: 'unknown-trial' };
    const started = { kind: 'started', trial, spec: draft.spec, leaseMs } as const;
    if (isSettled(trial.state)) return { kind: 'refused', reason: 'settled' };
    if (trial.state === 'running') {
      return trial.lease?.attemptId === ref.attemptId ? started : { kind: 'refused', reason: 'leased' };
    }
    if (trial.attempts.some(({ id }) => id === ref.attemptId)) return { kind: 'refused', reason: 'attempt-over' };
    if (draft.job.state !== 'running') return { kind: 'refused', reason: 'job-not-running' };
    if (executor.runtime !== null) {
      if (draft.job.runtime !== null && draft.job.runtime !== executor.runtime)
        return { kind: 'refused', reason: 'other-runtime' };
      draft.job.runtime = executor.runtime;
    }
    startAttempt(draft, trial, ref.attemptId, executor.worker, leaseMs);
    return started;
  });
}

/** Lets a new attempt have a pending trial. */
export function startAttempt(
  draft: Draft,
  trial: TrialRecord,
  attemptId: string,
  worker: string,
  leaseMs: number,
): void {
  trial.attempts.push({ id: attemptId, worker, startedAt: draft.now, endedAt: null, outcome: 'running', reason: null });
  trial.progress = null;
  trial.pruning = null;
  draft.move(trial, 'begin');
  trial.lease = { attemptId, expiresAt: draft.now + leaseMs };
}

export type HeartbeatAnswer = 'continue' | 'prune' | 'cancel' | 'stale';

export async function heartbeat(
  ledger: Ledger,
  ref: AttemptRef,
  progress: Progress | null,
  { leaseMs }: Timing,
): Promise<HeartbeatAnswer> {
  return ledger.transact(ref.jobId, { trials: [ref.trialId], rungs: progress !== null }, (draft): HeartbeatAnswer => {
    const trial = draft.trials.get(ref.trialId);
    if (trial?.state === 'cancelled') return 'cancel';
    if (!trial || !holds(trial, ref.attemptId)) return 'stale';
    if (trial.state === 'pending') revive(draft, trial);
    trial.lease = { attemptId: ref.attemptId, expiresAt: draft.now + leaseMs };
    if (progress) noteProgress(draft, trial, progress);
    draft.touch(trial);
    return trial.pruning ? 'prune' : 'continue';
  });
}

export type TellAnswer = 'told' | 'already' | 'conflict' | 'stale';

/** Settles the trial once. `result` must have passed `trialResultSchema`. */
export async function tell(ledger: Ledger, ref: AttemptRef, result: TrialResult): Promise<TellAnswer> {
  const digest = digestOf(result);
  return ledger.transact(ref.jobId, { trials: [ref.trialId] }, (draft): TellAnswer => {
    const trial = draft.trials.get(ref.trialId);
    if (!trial) return 'stale';
    if (trial.digest !== null && currentAttempt(trial)?.id === ref.attemptId)
      return trial.digest === digest ? 'already' : 'conflict';
    if (!holds(trial, ref.attemptId)) return 'stale';
    const { curve, ...rest } = result;
    trial.result = rest;
    trial.digest = digest;
    if (result.outcome !== 'pruned') trial.pruning = null;
    if (curve) draft.curves.set(trial.id, curve);
    currentAttempt(trial)!.outcome = 'told';
    currentAttempt(trial)!.endedAt = draft.now;
    draft.move(trial, ({ complete: 'complete', diverged: 'diverge', pruned: 'prune' } as const)[result.outcome]);
    draft.noteResult(trial);
    return 'told';
  });
}

/** Hands the trial back: preempted, not failed. More than `MAX_PREEMPTIONS` of them fail it after all. */
export async function release(ledger: Ledger, ref: AttemptRef, reason: string): Promise<'released' | 'stale'> {
  return ledger.transact(ref.jobId, { trials: (job) => [ref.trialId, ...job.open] }, (draft) => {
    const trial = draft.trials.get(ref.trialId);
    if (trial?.state !== 'running' || !holds(trial, ref.attemptId)) return 'stale';
    trial.preemptions += 1;
    if (trial.preemptions > MAX_PREEMPTIONS)
      failTrial(draft, trial, `handed back ${trial.preemptions} times, last: ${reason}`);
    else draft.move(trial, 'release', reason);
    return 'released';
  });
}

const MAX_PREEMPTIONS = 100;

/** This attempt failed. `final`: another attempt would fail the same way, so none is made. */
export async function fail(
  ledger: Ledger,
  ref: AttemptRef,
  reason: string,
  options: { final?: boolean } = {},
): Promise<'failed' | 'retry' | 'stale'> {
  return ledger.transact(ref.jobId, { trials: (job) => [ref.trialId, ...job.open] }, (draft) => {
    const trial = draft.trials.get(ref.trialId);
    if (trial?.state !== 'running' || !holds(trial, ref.attemptId)) return 'stale';
    return endAttempt(draft, trial, 'failed', reason, options.final ?? false);
  });
}

/** A failed or expired attempt: the trial gets another one after a back-off, or fails when none is left. */
export function endAttempt(
  draft: Draft,
  trial: TrialRecord,
  outcome: 'failed' | 'expired',
  reason: string,
  final: boolean,
): 'failed' | 'retry' {
  const attempt = currentAttempt(trial)!;
  attempt.outcome = outcome;
  attempt.endedAt = draft.now;
  attempt.reason = reason;
  const used = trial.attempts.filter((one) => one.outcome === 'failed' || one.outcome === 'expired').length;
  if (final || used >= draft.spec.limits.attempts) {
    failTrial(draft, trial, reason);
    return 'failed';
  }
  draft.job.lastError = { at: draft.now, trial: trial.id, reason };
  draft.move(trial, 'retry', reason);
  if (outcome === 'failed') trial.notBefore = draft.now + milliseconds(draft.spec.limits.backoff) * 2 ** (used - 1);
  return 'retry';
}

function failTrial(draft: Draft, trial: TrialRecord, reason: string): void {
  draft.job.lastError = { at: draft.now, trial: trial.id, reason };
  draft.move(trial, 'fail', reason);
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
function holds(trial: TrialRecord, attemptId: string): boolean {
  const attempt = currentAttempt(trial);
  if (attempt?.id !== attemptId) return false;
  return trial.state === 'running' || (trial.state === 'pending' && attempt.outcome === 'expired');
}

function revive(draft: Draft, trial: TrialRecord): void {
  const attempt = currentAttempt(trial)!;
  attempt.outcome = 'running';
  attempt.endedAt = null;
  attempt.reason = null;
  draft.move(trial, 'revive');
}

/** Equal for equal results, whatever the order of their keys. */
export function digestOf(result: TrialResult): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(result))));
}
