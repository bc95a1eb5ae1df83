import type { Ledger } from '../ledger/ledger.ts';
import { type AttemptRef, endAttempt, holdsTrial } from './attempts.ts';

export interface FailureOptions {
  /** Another attempt would fail the same way, so the trial fails. */
  final?: boolean;
  /** Every trial of the job would fail the same way, so the job fails. */
  failsJob?: boolean;
}

/** Ends an attempt as failed. */
export async function failTrial(
  ledger: Ledger,
  ref: AttemptRef,
  reason: string,
  { final = false, failsJob = false }: FailureOptions = {},
): Promise<'failed' | 'retry' | 'stale'> {
  return ledger.transact(ref.jobId, { trials: (job) => [ref.trialId, ...job.open] }, (draft) => {
    const trial = draft.trials.get(ref.trialId);
    if (trial?.state !== 'running' || !holdsTrial(trial, ref.attemptId)) return 'stale';
    if (!failsJob) return endAttempt(draft, trial, { outcome: 'failed', reason, final });
    draft.job.lastError = { at: draft.now, trial: trial.id, reason };
    draft.moveTrial(trial, 'fail', reason);
    draft.moveJob('fail', reason);
    return 'failed';
  });
}
