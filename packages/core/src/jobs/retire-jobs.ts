import { isActive } from '../domain/job-states.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { exportJob } from './export-job.ts';
import { type JobDocument } from './job-document.ts';

export interface RetirePolicy {
  /** How long a job stays after its end, or after its import, ms, by the ledger's clock. */
  keepMs: number;
  /** Keeps the job elsewhere; the job is removed only once this has resolved, so it must be durable by then. */
  archive(document: JobDocument): Promise<void>;
}

/**
 * Archives and removes the jobs that finished, or were imported, long enough ago. A job that a client changes in the
 * meantime (extends it, say) stays. It may be stopped at any point, and several processes may run it at once.
 *
 * @returns the ids of the removed jobs
 */
export async function retireJobs(ledger: Ledger, { keepMs, archive }: RetirePolicy): Promise<string[]> {
  const retired: string[] = [];
  for await (const id of ledger.listJobs()) {
    const found = await ledger.findJob(id);
    if (!found || isActive(found.job.state) || found.job.finishedAt === null) continue;
    const importedAt = (await ledger.readImportTime(id)) ?? -Infinity;
    if (Math.max(found.job.finishedAt, importedAt) >= found.now - keepMs) continue;
    const document = await exportJob(ledger, id);
    await archive(document);
    if (await ledger.removeJob(id, document.job)) retired.push(id);
  }
  return retired;
}
