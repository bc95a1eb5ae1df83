import type { Point } from '@gradsmith/bayesopt';
import { Conflict, NotFound } from '../errors.ts';
import { budgetLeft } from '../job/budget.ts';
import { completePoint } from '../job/point.ts';
import { spaceOf } from '../job/space.ts';
import { isActive } from '../job/states.ts';
import type { Ledger } from './ledger.ts';
import { addWaiting, lookUp, type Enqueued } from './queue.ts';

/**
 * Has a point tried before any the optimizer proposes; the coordinator issues it in its order, within the budget. The
 * same key with the same point again finds the first; with another point it is a Conflict.
 *
 * @throws InvalidInput for a point that is not of the space, Conflict for a job that has ended or has no number left
 */
export async function enqueuePoint(ledger: Ledger, jobId: string, key: string, given: Point): Promise<Enqueued> {
  return ledger.transact(jobId, { queue: true }, (draft) => {
    const point = completePoint(spaceOf(draft.spec).space, given);
    const known = lookUp(draft.queue, key, point);
    if (known) return known;
    if (!isActive(draft.job.state))
      throw new Conflict(`job ${jobId} is ${draft.job.state}; extend it first, if it is completed or exhausted`);
    if (budgetLeft(draft.job) <= draft.queue.waiting.length) {
      throw new Conflict(
        `all ${draft.job.budget} numbers of job ${jobId} are issued or taken by waiting points; extend it first`,
      );
    }
    addWaiting(draft.queue, { key, point });
    draft.job.seq += 1;
    draft.touch('queue');
    draft.touch('job');
    return { key, added: true, trial: null, ahead: draft.queue.waiting.length - 1 };
  });
}

/**
 * Tries a failed trial's point again: the trial is taken back, the budget gets its number back, and its point waits
 * first in the queue under the key `retry-<trial>`. A completed or exhausted job runs again. Repeated, it finds the
 * first.
 */
export async function retryTrial(ledger: Ledger, jobId: string, trialId: string): Promise<Enqueued> {
  return ledger.transact(jobId, { trials: [trialId], queue: true }, (draft) => {
    const trial = draft.trials.get(trialId);
    if (!trial || trial.role !== 'search') throw new NotFound(`search trial ${trialId} of job ${jobId}`);
    const key = `retry-${trialId}`;
    const known = lookUp(draft.queue, key, trial.point);
    if (known) return known;
    const { state } = draft.job;
    if (!isActive(state) && state !== 'completed' && state !== 'exhausted')
      throw new Conflict(`job ${jobId} is ${state}; clone it to go on`);
    if (!draft.move(trial, 'replace', 'taken back to be tried again'))
      throw new Conflict(`trial ${trialId} is ${trial.state}; only a failed one can be tried again`);
    draft.job.invalidated += 1;
    addWaiting(draft.queue, { key, point: trial.point }, 'first');
    draft.touch('queue');
    draft.moveJob('extend');
    return { key, added: true, trial: null, ahead: 0 };
  });
}
