import { milliseconds } from '../domain/duration.ts';
import { getCurrentAttempt, type TrialRecord } from '../domain/trial-record.ts';
import type { Draft } from '../ledger/draft.ts';
import { type Fenced, holdsFence } from '../ledger/fence.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { endAttempt } from './attempts.ts';

/**
 * Ends the attempt of a running trial whose lease ran out by the ledger's clock. A late result of that attempt still
 * counts until another attempt starts. Of an external objective, also ends an attempt that took longer than
 * `limits.trialTimeout`, as failed: workers stop their own trainings, but nobody stops an external program.
 */
export async function expireTrial(
  ledger: Ledger,
  fenced: Fenced,
  trialId: string,
): Promise<'expired' | 'alive' | 'stale-fence'> {
  return ledger.transact(fenced.jobId, { trials: (job) => [trialId, ...job.open], lease: true }, (draft) => {
    if (!holdsFence(draft, fenced.fence)) return 'stale-fence';
    const trial = draft.trials.get(trialId);
    return trial && expireAttempt(draft, trial) ? 'expired' : 'alive';
  });
}

function expireAttempt(draft: Draft, trial: TrialRecord): boolean {
  const { spec, now } = draft;
  if (isTimedOut(spec, trial, now)) {
    const reason = `it took longer than limits.trialTimeout (${spec.limits.trialTimeout})`;
    endAttempt(draft, trial, { outcome: 'failed', reason, final: false });
    return true;
  }
  if (!isLeaseExpired(trial, now)) return false;
  const reason = 'its worker sent no heartbeat for a whole lease';
  endAttempt(draft, trial, { outcome: 'expired', reason, final: false });
  return true;
}

/** Returns whether `expireTrial` would end the trial's attempt at this moment, ms. */
export function mayExpire(spec: JobSpec, trial: TrialRecord, now: number): boolean {
  return isTimedOut(spec, trial, now) || isLeaseExpired(trial, now);
}

function isLeaseExpired({ state, lease }: TrialRecord, now: number): boolean {
  return state === 'running' && lease !== null && lease.expiresAt <= now;
}

function isTimedOut({ objective, limits }: JobSpec, trial: TrialRecord, now: number): boolean {
  if (objective.kind !== 'external' || trial.state !== 'running') return false;
  return now - getCurrentAttempt(trial)!.startedAt > milliseconds(limits.trialTimeout);
}
