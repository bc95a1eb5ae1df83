import type { Ledger } from '../ledger/ledger.ts';
import { type AttemptRef, holdsTrial, settleAsFailed } from './attempts.ts';

/** Releases after which the trial fails. */
const MAX_PREEMPTIONS = 100;

/** Releases the trial of an attempt that was preempted: it is pending again, which is no failure. */
export async function releaseTrial(ledger: Ledger, ref: AttemptRef, reason: string): Promise<'released' | 'stale'> {
  return ledger.transact(ref.jobId, { trials: (job) => [ref.trialId, ...job.open] }, (draft) => {
    const trial = draft.trials.get(ref.trialId);
    if (trial?.state !== 'running' || !holdsTrial(trial, ref.attemptId)) return 'stale';
    trial.preemptions += 1;
    if (trial.preemptions > MAX_PREEMPTIONS)
      settleAsFailed(draft, trial, { reason: `released ${trial.preemptions} times, last: ${reason}` });
    else draft.moveTrial(trial, 'release', { reason });
    return 'released';
  });
}
