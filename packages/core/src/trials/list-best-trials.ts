import { isBetter } from '../domain/direction.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { getDirection } from '../spec/job-spec.ts';
import { getTrialIndex } from './trial-index.ts';

/**
 * Lists the best complete search trials, best first; of equal ones the lower number first. Diverged and pruned trials
 * are never best (invariant 9).
 *
 * @throws NotFound if there is no such job
 */
export async function listBestTrials(ledger: Ledger, jobId: string, limit: number): Promise<TrialRecord[]> {
  const { job, spec } = await ledger.readJob(jobId);
  const direction = getDirection(spec);
  const rows = await getTrialIndex(ledger).readRows(job);
  const best = rows
    .filter(({ role, state, value }) => role === 'search' && state === 'complete' && value !== null)
    .sort((a, b) => {
      if (a.value === b.value) return a.number! - b.number!;
      return isBetter(a.value!, b.value!, direction) ? -1 : 1;
    });
  return ledger.readTrials(
    job.id,
    best.slice(0, limit).map(({ id }) => id),
  );
}
