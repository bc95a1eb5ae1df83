import { Conflict, NotFound } from '../domain/errors.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { removeTrialFromRungs } from '../domain/pruning.ts';
import type { Ledger } from '../ledger/ledger.ts';

/**
 * Takes back a completed trial: it leaves model, best and what others are held against when they are pruned. The budget
 * gets one number more; a job that has ended uses it once it is extended, be it to the same budget. Repeated, it
 * changes nothing.
 */
export async function invalidateTrial(ledger: Ledger, jobId: string, trialId: string, reason: string): Promise<void> {
  const searchTrials = (job: JobRecord): string[] => Array.from({ length: job.nextNumber }, (_, n) => String(n));
  await ledger.transact(jobId, { trials: searchTrials, rungs: true }, (draft) => {
    const trial = draft.trials.get(trialId);
    if (!trial || trial.role !== 'search') throw new NotFound(`search trial ${trialId} of job ${jobId}`);
    if (trial.history.at(-1)![1] === 'invalidate') return;
    if (!draft.moveTrial(trial, 'invalidate', reason))
      throw new Conflict(`trial ${trialId} is ${trial.state}; only a complete one can be invalidated`);
    draft.job.invalidated += 1;
    draft.recomputeBest();
    draft.rungs = removeTrialFromRungs(draft.rungs, trialId);
    draft.markChanged('rungs');
  });
}
