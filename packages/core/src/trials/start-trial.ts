import { type TrialRecord } from '../domain/trial-record.ts';
import { isSettled } from '../domain/trial-states.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { type AttemptRef, type Executor, startAttempt, type Timing } from './attempts.ts';

export type StartTrialAnswer =
  | { kind: 'started'; trial: TrialRecord; spec: JobSpec; leaseMs: number }
  | {
      kind: 'refused';
      reason: 'unknown-trial' | 'settled' | 'leased' | 'job-not-running' | 'other-runtime' | 'attempt-over';
    };

/**
 * Starts an attempt at a pending trial and leases the trial to it. The first attempt of a job pins the job's runtime
 * (invariant 6).
 */
export async function startTrial(
  ledger: Ledger,
  ref: AttemptRef,
  executor: Executor,
  { leaseMs }: Timing,
): Promise<StartTrialAnswer> {
  return ledger.transact(ref.jobId, { trials: [ref.trialId] }, (draft): StartTrialAnswer => {
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
    startAttempt(draft, trial, { attemptId: ref.attemptId, worker: executor.worker, leaseMs });
    return started;
  });
}
