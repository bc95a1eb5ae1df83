import { countSettled } from '../domain/budget.ts';
import { getCurrentAttempt, type TrialRecord } from '../domain/trial-record.ts';
import type { Draft } from '../ledger/draft.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type AttemptRef, holdsTrial } from './attempts.ts';

/**
 * Changes the runtime of the job of a failed attempt to one on which the training works, and releases its trials, which
 * is no failure: attempts on the old runtime can no longer report. A job that has a result of its runtime keeps it,
 * because results of two runtimes are not comparable (invariant 6).
 */
export async function changeRuntime(
  ledger: Ledger,
  ref: AttemptRef,
  runtime: string,
  reason: string,
): Promise<'changed' | 'kept' | 'stale'> {
  return ledger.transact(ref.jobId, { trials: (job) => [ref.trialId, ...job.open] }, (draft) => {
    const trial = draft.trials.get(ref.trialId);
    if (trial?.state !== 'running' || !holdsTrial(trial, ref.attemptId)) return 'stale';
    if (draft.job.runtime === runtime || hasResult(draft)) return 'kept';
    draft.job.runtime = runtime;
    draft.job.lastError = { at: draft.now, trial: trial.id, reason };
    for (const id of draft.job.open) releaseAttempt(draft, draft.trials.get(id)!, reason);
    return 'changed';
  });
}

function hasResult({ job }: Draft): boolean {
  return (
    countSettled(job) > job.counts.failed || job.invalidated > 0 || job.extras.some((id) => !job.open.includes(id))
  );
}

/** An attempt that expired could otherwise still report. */
function releaseAttempt(draft: Draft, trial: TrialRecord, reason: string): void {
  if (draft.moveTrial(trial, 'release', { reason })) return;
  const attempt = getCurrentAttempt(trial);
  if (attempt?.outcome !== 'expired') return;
  attempt.outcome = 'released';
  draft.markChanged(trial);
}
