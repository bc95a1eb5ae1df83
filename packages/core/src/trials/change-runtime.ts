import { countSettled } from '../domain/budget.ts';
import { getCurrentAttempt, type TrialRecord } from '../domain/trial-record.ts';
import type { Draft } from '../ledger/draft.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type AttemptRef, holdsTrial } from './attempts.ts';

/**
 * Changes the runtime of the job of a failed attempt to one on which the training works, and releases the trial, which
 * is no failure. A job that has a result of its runtime keeps it, as does one that can still get a result from an
 * attempt at another trial: results of two runtimes are not comparable (invariant 6).
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
    if (draft.job.runtime === runtime || hasResult(draft) || mayGetResult(draft, trial)) return 'kept';
    draft.job.runtime = runtime;
    draft.job.lastError = { at: draft.now, trial: trial.id, reason };
    draft.moveTrial(trial, 'release', reason);
    return 'changed';
  });
}

function hasResult({ job }: Draft): boolean {
  return (
    countSettled(job) > job.counts.failed || job.invalidated > 0 || job.extras.some((id) => !job.open.includes(id))
  );
}

/** Returns whether another trial runs, or had an attempt that expired and may still report. */
function mayGetResult({ job, trials }: Draft, failed: TrialRecord): boolean {
  return job.open
    .map((id) => trials.get(id)!)
    .some(
      (trial) => trial !== failed && (trial.state === 'running' || getCurrentAttempt(trial)?.outcome === 'expired'),
    );
}
