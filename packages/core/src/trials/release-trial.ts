import type { Ledger } from '../ledger/ledger.ts';
import { type AttemptRef, holdsTrial, settleAsFailed } from './attempts.ts';

const MAX_PREEMPTIONS = 100;

/** Hands the trial back: preempted, not failed. More than `MAX_PREEMPTIONS` of them fail it after all. */
export async function releaseTrial(ledger: Ledger, ref: AttemptRef, reason: string): Promise<'released' | 'stale'> {
  return ledger.transact(ref.jobId, { trials: (job) => [ref.trialId, ...job.open] }, (draft) => {
    const trial = draft.trials.get(ref.trialId);
    if (trial?.state !== 'running' || !holdsTrial(trial, ref.attemptId)) return 'stale';
    trial.preemptions += 1;
    if (trial.preemptions > MAX_PREEMPTIONS)
      settleAsFailed(draft, trial, `handed back ${trial.preemptions} times, last: ${reason}`);
    else draft.moveTrial(trial, 'release', reason);
    return 'released';
  });
}
