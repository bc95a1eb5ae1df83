import type { TrialRecord } from '../domain/trial-record.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { getTrialIndex } from './trial-index.ts';

export interface ChangedTrials {
  /** In order of their last change. */
  items: TrialRecord[];
  /** The sequence number to pass as `after` of the next call. */
  seq: number;
  /** Whether more trials have changed than the items. */
  hasMore: boolean;
}

/**
 * Lists the trials of a job that have moved since the change `after`, each once, as they are now. Reports of progress
 * are no moves. If the job has been deleted and created again, all its trials are listed.
 *
 * The first call of a process for a job reads all trials, once. A later one reads the open trials and those it returns,
 * and looks at the small fields of all in memory.
 *
 * @param limit of items; trials that moved in the same change are not separated
 * @throws NotFound if there is no such job
 */
export async function listChangedTrials(
  ledger: Ledger,
  jobId: string,
  { after, limit }: { after: number; limit: number },
): Promise<ChangedTrials> {
  const { job } = await ledger.readJob(jobId);
  if (after === job.seq) return { items: [], seq: job.seq, hasMore: false };
  const from = after > job.seq ? -1 : after;
  const rows = await getTrialIndex(ledger).readRows(job);
  const changed = rows.filter(({ seq }) => seq > from).sort((a, b) => a.seq - b.seq);
  let count = Math.min(limit, changed.length);
  while (count < changed.length && changed[count]!.seq === changed[count - 1]!.seq) count += 1;
  const hasMore = count < changed.length;
  const items = await ledger.readTrials(
    job.id,
    changed.slice(0, count).map(({ id }) => id),
  );
  // A trial may have moved again after the job was read. Trials that are new since then are not in the index.
  return { items, seq: hasMore ? Math.min(changed[count - 1]!.seq, job.seq) : job.seq, hasMore };
}
