import { checkProgress, type Progress } from '../domain/progress.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type AttemptRef, holdsTrial, reviveAttempt, type Timing } from './attempts.ts';
import { recordProgress } from './record-progress.ts';

export type HeartbeatAnswer = 'continue' | 'prune' | 'cancel' | 'stale';

export interface HeartbeatOptions extends Timing {
  /** Progress at steps before that of the heartbeat, in order. It is kept for the curve and decides nothing. */
  passed?: readonly Progress[];
}

/**
 * Renews the lease of an attempt, records its progress and answers whether it goes on. Progress at a step that is not
 * later than the last one only renews the lease. Throws InvalidInput for progress that cannot be recorded.
 */
export async function recordHeartbeat(
  ledger: Ledger,
  ref: AttemptRef,
  progress: Progress | null,
  { leaseMs, passed = [] }: HeartbeatOptions,
): Promise<HeartbeatAnswer> {
  for (const one of [...passed, ...(progress ? [progress] : [])]) checkProgress(one);
  const needs = { trials: [ref.trialId], rungs: progress !== null, reports: progress && ref };
  return ledger.transact(ref.jobId, needs, (draft): HeartbeatAnswer => {
    const trial = draft.trials.get(ref.trialId);
    if (trial?.state === 'cancelled') return 'cancel';
    if (!trial || !holdsTrial(trial, ref.attemptId)) return 'stale';
    if (trial.state === 'pending') reviveAttempt(draft, trial);
    trial.lease = { attemptId: ref.attemptId, expiresAt: draft.now + leaseMs };
    if (progress) recordProgress(draft, trial, progress, passed);
    draft.markChanged(trial);
    return trial.pruning ? 'prune' : 'continue';
  });
}
