import type { JobState } from '../domain/job-states.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { askTrial } from './ask-trial.ts';
import type { Timing } from './attempts.ts';

/** A trial, and the attempt that has it. */
export interface StartedTrial {
  trial: TrialRecord;
  attemptId: string;
}

/**
 * Starts an attempt at a pending trial for each id, as far as there are pending trials. These are calls of `askTrial`,
 * which the ledger commits together: with the same ids, the program gets the same trials again. Throws Conflict for a
 * job that workers execute.
 *
 * @returns the trials, and the state of the job
 */
export async function askTrials(
  ledger: Ledger,
  jobId: string,
  attemptIds: readonly string[],
  worker: string,
  timing: Timing,
): Promise<{ started: StartedTrial[]; state: JobState }> {
  const asked = attemptIds.map(async (attemptId) => askTrial(ledger, jobId, attemptId, worker, timing));
  const answers = await Promise.all(asked);
  const started: StartedTrial[] = [];
  let state: JobState = 'running';
  for (const [i, answer] of answers.entries()) {
    if (answer.kind === 'trial') started.push({ trial: answer.trial, attemptId: attemptIds[i]! });
    else state = answer.state;
  }
  return { started, state };
}
