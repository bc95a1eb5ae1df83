import { Conflict } from '../domain/errors.ts';
import type { JobState } from '../domain/job-states.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { startAttempt, type Timing } from './attempts.ts';

export type AskTrialAnswer =
  | { kind: 'trial'; trial: TrialRecord }
  /** No pending trial: there may be one later while the job is queued, running or paused. */
  | { kind: 'none'; state: JobState };

/**
 * Starts an attempt at the first pending trial, for an external program. The program makes `attemptId`: with the same
 * one it gets the same trial again, so a lost reply costs nothing. Throws Conflict for a job that workers execute.
 */
export async function askTrial(
  ledger: Ledger,
  jobId: string,
  attemptId: string,
  worker: string,
  { leaseMs }: Timing,
): Promise<AskTrialAnswer> {
  return ledger.transact(jobId, { trials: (job) => job.open }, (draft): AskTrialAnswer => {
    if (draft.spec.objective.kind !== 'external')
      throw new Conflict(
        `workers execute the trials of job ${jobId}; programs can ask only for trials of an external objective`,
      );
    const open = draft.job.open.map((id) => draft.trials.get(id)!);
    const mine = open.find(({ lease }) => lease?.attemptId === attemptId);
    if (mine) return { kind: 'trial', trial: mine };
    const free = open.find(
      (trial) =>
        trial.state === 'pending' && trial.notBefore <= draft.now && !trial.attempts.some(({ id }) => id === attemptId),
    );
    if (!free || draft.job.state !== 'running') return { kind: 'none', state: draft.job.state };
    startAttempt(draft, free, { attemptId, worker, leaseMs });
    return { kind: 'trial', trial: free };
  });
}
