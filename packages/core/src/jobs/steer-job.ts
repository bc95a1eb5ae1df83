import { Conflict } from '../domain/errors.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { jobMoves, type JobMove } from '../domain/job-states.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { limitFailures } from '../trials/attempts.ts';

/**
 * Cancels, pauses or resumes a job. Repeating a move is no error. A job that had too many failures while it was paused
 * fails when it is resumed.
 */
export async function steerJob(
  ledger: Ledger,
  jobId: string,
  move: Extract<JobMove, 'cancel' | 'pause' | 'resume'>,
  reason: string | null = null,
): Promise<JobRecord> {
  return ledger.transact(jobId, { trials: (job) => job.open }, (draft) => {
    if (draft.job.state !== jobMoves[move].to && !draft.moveJob(move, reason)) {
      throw new Conflict(
        `job ${jobId} is ${draft.job.state}; ${move} is possible only while it is ${jobMoves[move].from.join(' or ')}`,
      );
    }
    if (move === 'resume') limitFailures(draft);
    return draft.job;
  });
}
