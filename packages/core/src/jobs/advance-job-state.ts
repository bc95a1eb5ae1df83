import { getRemainingBudget } from '../domain/budget.ts';
import type { JobMove } from '../domain/job-states.ts';
import type { Draft } from '../ledger/draft.ts';
import { type Fenced, holdsFence } from '../ledger/fence.ts';
import type { Ledger } from '../ledger/ledger.ts';

const needs = { trials: (job: { open: string[] }) => job.open, lease: true, enqueued: true };

/** Starts, completes, exhausts or fails a job. Returns false if its state does not allow the move. */
export async function advanceJobState(
  ledger: Ledger,
  fenced: Fenced,
  move: Extract<JobMove, 'start' | 'complete' | 'exhaust' | 'fail'>,
  reason: string | null = null,
): Promise<boolean | 'stale-fence'> {
  return ledger.transact(fenced.jobId, needs, (draft) => {
    if (!holdsFence(draft, fenced.fence)) return 'stale-fence';
    if ((move === 'complete' || move === 'exhaust') && hasWork(draft, move)) return false;
    return draft.moveJob(move, reason ?? describeMissingBest(draft));
  });
}

/** Fails a job that has no work left and no trial that succeeded, in the place of `move`. */
export async function failWithoutSuccess(
  ledger: Ledger,
  fenced: Fenced,
  move: 'complete' | 'exhaust',
  reason: string,
): Promise<boolean | 'stale-fence'> {
  return ledger.transact(fenced.jobId, needs, (draft) => {
    if (!holdsFence(draft, fenced.fence)) return 'stale-fence';
    if (hasWork(draft, move)) return false;
    return draft.moveJob('fail', reason);
  });
}

/** The budget may have grown, or a trial been retried, since the coordinator read the job. */
function hasWork({ job, enqueued }: Draft, move: 'complete' | 'exhaust'): boolean {
  if (job.open.length) return true;
  return move === 'complete' ? getRemainingBudget(job) > 0 : enqueued.points.length > 0;
}

/** Returns why a job that has complete trials has no best one: none fulfills the measured constraints. */
function describeMissingBest({ job: { best, pareto, counts, infeasible = 0, closest } }: Draft): string | null {
  if (best || pareto || infeasible === 0 || infeasible < counts.complete || !closest) return null;
  const { number, metric, value, limit } = closest;
  const found = `its ${metric} is ${Number(value.toPrecision(6))}, and the limit is ${limit}`;
  return `no complete trial fulfills the constraints; trial ${number} is the closest: ${found}`;
}
