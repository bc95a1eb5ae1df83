import { InvalidInput } from '../domain/errors.ts';
import { getCurrentAttempt } from '../domain/trial-record.ts';
import type { TrialResult } from '../domain/trial-result.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { AttemptRef } from './attempts.ts';
import { completeTrial, listMetricProblems, type CompleteTrialAnswer } from './complete-trial.ts';
import { failTrial } from './fail-trial.ts';

/** An attempt within its job. */
type LocalRef = Omit<AttemptRef, 'jobId'>;

/** What an attempt found. Without a finite value the result is null, and the trial fails. */
export interface AttemptResult extends LocalRef {
  result: TrialResult | null;
}

export type ReportAnswer = CompleteTrialAnswer | 'failed';

/**
 * Reports what an attempt found: completes the trial, or fails it without a finite value. The same report again gets
 * the same answer, or `already`.
 */
export async function reportAttempt(
  ledger: Ledger,
  jobId: string,
  { result, ...ref }: AttemptResult,
): Promise<ReportAnswer> {
  if (result) return completeTrial(ledger, { jobId, ...ref }, result);
  const reason = 'the program reported no finite value';
  const answer = await failTrial(ledger, { jobId, ...ref }, reason, { final: true });
  return answer === 'stale' && !(await hasFailed(ledger, jobId, ref)) ? 'stale' : 'failed';
}

/** Returns whether the trial failed by what this attempt reported: the answer to that may have been lost. */
async function hasFailed(ledger: Ledger, jobId: string, { trialId, attemptId }: LocalRef): Promise<boolean> {
  const [trial] = await ledger.readTrials(jobId, [trialId]);
  const attempt = trial && getCurrentAttempt(trial);
  return trial?.state === 'failed' && attempt?.id === attemptId && attempt.outcome === 'failed';
}

/**
 * Reports what several attempts found. Each is settled on its own, and has its own answer. The ledger commits them
 * together.
 *
 * @returns the answers in the order of the attempts
 * @throws InvalidInput if a result lacks a metric that the job needs; then nothing is stored
 */
export async function reportAttempts(
  ledger: Ledger,
  jobId: string,
  attempts: readonly AttemptResult[],
): Promise<ReportAnswer[]> {
  const spec = await ledger.readPostedSpec(jobId);
  const problems = attempts.flatMap(({ trialId, result }, i) =>
    (result ? listMetricProblems(spec, trialId, result) : []).map(({ path, message }) => ({
      path: ['results', i, ...path],
      message,
    })),
  );
  if (problems.length) throw new InvalidInput(problems, 'the request');
  return Promise.all(attempts.map(async (attempt) => reportAttempt(ledger, jobId, attempt)));
}
