import type { Point } from '@gradsmith/bayesopt';
import { getRemainingBudget } from '../domain/budget.ts';
import { addEnqueuedPoint, findEnqueuedPoint, type EnqueueResult } from '../domain/enqueued-points.ts';
import { Conflict } from '../domain/errors.ts';
import { isActive } from '../domain/job-states.ts';
import { completePoint } from '../domain/point.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { buildSearchSpace } from '../spec/search-space.ts';
import { describeStop } from '../spec/stop-rules.ts';

/**
 * Enqueues a point to be tried before any that the optimizer proposes, in order and within the budget. The same key
 * with the same point finds the first; with another point it is a Conflict.
 *
 * @throws InvalidInput for a point that is not of the space, Conflict for a finished job or one without remaining
 *   budget
 */
export async function enqueuePoint(ledger: Ledger, jobId: string, key: string, given: Point): Promise<EnqueueResult> {
  return ledger.transact(jobId, { enqueued: true }, (draft) => {
    const point = completePoint(buildSearchSpace(draft.spec).space, given);
    const known = findEnqueuedPoint(draft.enqueued, key, point);
    if (known) return known;
    if (!isActive(draft.job.state))
      throw new Conflict(`job ${jobId} is ${draft.job.state}; extend it first, if it is completed or exhausted`);
    const { stopped } = draft.job;
    if (stopped) {
      const why = describeStop(stopped.rule, draft.spec);
      throw new Conflict(`the search of job ${jobId} was stopped: ${why}; extend it first`);
    }
    if (getRemainingBudget(draft.job) <= draft.enqueued.points.length) {
      throw new Conflict(
        `job ${jobId} has no remaining budget: its ${draft.job.budget} trials are created or enqueued; extend it first`,
      );
    }
    addEnqueuedPoint(draft.enqueued, { key, point });
    draft.job.seq += 1;
    draft.markChanged('enqueued');
    draft.markChanged('job');
    return { key, added: true, trial: null, ahead: draft.enqueued.points.length - 1 };
  });
}
