import { getRemainingBudget } from '../domain/budget.ts';
import type { JobMove } from '../domain/job-states.ts';
import { type Fenced, holdsFence } from '../ledger/fence.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** Starts, completes, exhausts or fails the job on the coordinator's word. False: not legal in its state. */
export async function advanceJobState(
  ledger: Ledger,
  fenced: Fenced,
  move: Extract<JobMove, 'start' | 'complete' | 'exhaust' | 'fail'>,
  reason: string | null = null,
): Promise<boolean | 'stale-fence'> {
  return ledger.transact(fenced.jobId, { trials: (job) => job.open, lease: true, enqueued: true }, (draft) => {
    if (!holdsFence(draft, fenced.fence)) return 'stale-fence';
    // A budget that grew, or a trial that was taken back, since the coordinator looked.
    if (move === 'complete' && (getRemainingBudget(draft.job) > 0 || draft.job.open.length)) return false;
    if (move === 'exhaust' && (draft.job.open.length || draft.enqueued.points.length)) return false;
    return draft.moveJob(move, reason);
  });
}
