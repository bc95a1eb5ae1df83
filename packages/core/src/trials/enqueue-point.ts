import type { Point } from '@gradsmith/bayesopt';
import { getRemainingBudget } from '../domain/budget.ts';
import {
  addEnqueuedPoint,
  findEnqueuedPoint,
  findSameEnqueuedPoint,
  type EnqueueResult,
} from '../domain/enqueued-points.ts';
import { Conflict, InvalidInput } from '../domain/errors.ts';
import { isActive, type JobState } from '../domain/job-states.ts';
import { completePoint } from '../domain/point.ts';
import { encodeScopedKey, type ScopedKey } from '../domain/scoped-key.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { listViolations } from '../spec/parameter-constraints.ts';
import { buildSearchSpace } from '../spec/search-space.ts';
import { describeStop } from '../spec/stop-rules.ts';

/** Why no point can be enqueued in a job that is finished, and what to do. */
const remedies: Partial<Record<JobState, string>> = {
  completed: 'extend it first',
  exhausted: 'every point of its space has a trial',
  failed: 'clone it, or run a new job with its results in search.known, and enqueue the point there',
  cancelled: 'clone it, or run a new job with its results in search.known, and enqueue the point there',
};

/**
 * Enqueues a point to be tried before any that the optimizer proposes, in order and within the budget. The same key
 * with the same point finds the first; with another point it is a Conflict.
 *
 * @throws InvalidInput for a point that is not of the space, Conflict for a finished job or one without remaining
 *   budget
 */
export async function enqueuePoint(
  ledger: Ledger,
  jobId: string,
  scoped: ScopedKey,
  given: Point,
): Promise<EnqueueResult> {
  const key = encodeScopedKey(scoped);
  return ledger.transact(jobId, { enqueued: true }, (draft) => {
    const { space, constraints } = buildSearchSpace(draft.spec);
    const point = completePoint(space, given);
    const violations = listViolations(draft.spec.constraints, constraints, point);
    if (violations.length) {
      throw new InvalidInput(
        violations.map((text) => ({ path: ['point'], message: `does not fulfill the constraint ${text}` })),
        'the point',
      );
    }
    // Versions before 2026-11-29 stored keys without their caller.
    const known =
      findEnqueuedPoint(draft.enqueued, key, point) ?? findSameEnqueuedPoint(draft.enqueued, scoped.key, point);
    if (known) return { ...known, key: scoped.key };
    if (!isActive(draft.job.state))
      throw new Conflict(`job ${jobId} is ${draft.job.state}; ${remedies[draft.job.state]}`);
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
    return { key: scoped.key, added: true, trial: null, ahead: draft.enqueued.points.length - 1 };
  });
}
