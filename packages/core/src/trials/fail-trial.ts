import type { Ledger } from '../ledger/ledger.ts';
import { type AttemptRef, endAttempt, holdsTrial } from './attempts.ts';

/** Ends an attempt as failed. `final`: another attempt would fail the same way, so the trial fails. */
export async function failTrial(
  ledger: Ledger,
  ref: AttemptRef,
  reason: string,
  { final = false }: { final?: boolean } = {},
): Promise<'failed' | 'retry' | 'stale'> {
  return ledger.transact(ref.jobId, { trials: (job) => [ref.trialId, ...job.open] }, (draft) => {
    const trial = draft.trials.get(ref.trialId);
    if (trial?.state !== 'running' || !holdsTrial(trial, ref.attemptId)) return 'stale';
    return endAttempt(draft, trial, { outcome: 'failed', reason, final });
  });
}
