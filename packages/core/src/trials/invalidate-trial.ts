import { Conflict, InvalidInput, NotFound } from '../domain/errors.ts';
import { invalidationReasonSchema } from '../domain/invalidation-reason.ts';
import { listTrialIds } from '../domain/list-trial-ids.ts';
import { removeTrialFromRungs } from '../domain/pruning.ts';
import { toProblems } from '../domain/to-problems.ts';
import type { Ledger } from '../ledger/ledger.ts';

/**
 * Invalidates a complete trial: the model, the best value and the pruning rules no longer use it, and the budget grows
 * by one. A finished job uses that when it is extended, also to the same budget. A repeated call changes nothing.
 */
export async function invalidateTrial(ledger: Ledger, jobId: string, trialId: string, reason: string): Promise<void> {
  const { error } = invalidationReasonSchema.safeParse(reason);
  if (error) {
    const problems = toProblems(error, { schema: invalidationReasonSchema, input: reason });
    throw new InvalidInput(
      problems.map(({ message }) => ({ path: ['reason'], message })),
      'the request',
    );
  }
  await ledger.transact(jobId, { trials: listTrialIds, rungs: true }, (draft) => {
    const trial = draft.trials.get(trialId);
    if (!trial || trial.role !== 'search') throw new NotFound(`search trial ${trialId} of job ${jobId}`);
    if (trial.history.at(-1)![1] === 'invalidate') return;
    if (!draft.moveTrial(trial, 'invalidate', { reason }))
      throw new Conflict(`trial ${trialId} is ${trial.state}; only a complete trial can be invalidated`);
    draft.job.invalidated += 1;
    draft.recomputeBest();
    draft.rungs = removeTrialFromRungs(draft.rungs, trialId);
    draft.markChanged('rungs');
  });
}
