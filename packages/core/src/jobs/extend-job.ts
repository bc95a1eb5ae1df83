import { budgetSchema, getUnusedBudget } from '../domain/budget.ts';
import { Conflict, InvalidInput } from '../domain/errors.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { nextJobState } from '../domain/job-states.ts';
import { toProblems } from '../domain/to-problems.ts';
import type { Ledger } from '../ledger/ledger.ts';

/**
 * Raises the budget to `trials` in total; a completed or exhausted job runs again. The same budget is accepted if some
 * of it remains, after an invalidated trial, in an exhausted space or if a rule stopped the search. The search goes on,
 * and its patience, time and deadline count from now.
 */
export async function extendJob(ledger: Ledger, jobId: string, trials: number): Promise<JobRecord> {
  return ledger.transact(jobId, {}, (draft) => {
    const { job } = draft;
    const reopens = (job.stopped || nextJobState(job.state, 'extend') !== undefined) && getUnusedBudget(job) > 0;
    if (trials === job.budget && !reopens) return job;
    if (trials < job.budget) {
      throw new InvalidInput(
        [
          {
            path: ['trials'],
            message: `must be more than ${job.budget}, the budget of the job, which can only grow; not ${trials}`,
          },
        ],
        'the extension',
      );
    }
    checkBudget(trials);
    if (job.state === 'failed' || job.state === 'cancelled')
      throw new Conflict(`job ${jobId} is ${job.state} and cannot be extended`);
    job.budget = trials;
    draft.restartSearch();
    if (!draft.moveJob('extend')) job.seq += 1;
    draft.markChanged('job');
    return job;
  });
}

function checkBudget(trials: number): void {
  const { error } = budgetSchema.safeParse(trials);
  if (!error) return;
  const problems = toProblems(error, { schema: budgetSchema, input: trials });
  throw new InvalidInput(
    problems.map(({ message }) => ({ path: ['trials'], message })),
    'the extension',
  );
}
