import { compareByValue } from '../domain/compare-by-value.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { listFront } from '../spec/describe-pareto.ts';
import { getDirection } from '../spec/job-spec.ts';
import { getTrialIndex, type IndexedTrial } from './trial-index.ts';

/**
 * Lists the best complete search trials, best first; of equal ones the lower number first. Diverged and pruned trials
 * are never best (invariant 9), and neither are those that violate measured constraints. With several objectives, lists
 * the Pareto front.
 *
 * @throws NotFound if there is no such job
 */
export async function listBestTrials(ledger: Ledger, jobId: string, limit: number): Promise<TrialRecord[]> {
  const { job, spec } = await ledger.readJob(jobId);
  if (spec.objectives) {
    const ids = listFront(job, spec.objectives).map(({ number }) => String(number));
    return ledger.readTrials(job.id, ids.slice(0, limit));
  }
  const compare = compareByValue(getDirection(spec));
  const rows = await getTrialIndex(ledger).readSortedRows(job, 'best', (a, b) => {
    if (isRanked(a) !== isRanked(b)) return isRanked(a) ? -1 : 1;
    return isRanked(a) ? compare(a, b) : a.number! - b.number!;
  });
  return ledger.readTrials(
    job.id,
    rows
      .slice(0, limit)
      .filter(isRanked)
      .map(({ id }) => id),
  );
}

function isRanked({ role, state, value, feasible }: IndexedTrial): boolean {
  return role === 'search' && state === 'complete' && value !== null && feasible;
}
