import { exportJob, type JobDocument } from '../http/document.ts';
import { isActive } from '../job/states.ts';
import { decodeRecord, encodeRecord, fields } from './fields.ts';
import type { Ledger } from './ledger.ts';

export interface RetirePolicy {
  /** How long a job stays after its end, or after its import, ms, by the ledger's clock. */
  keepMs: number;
  /** Keeps the job elsewhere; the job is removed only once this has resolved, so it must be durable by then. */
  archive(document: JobDocument): Promise<void>;
}

const PAGE = 500;

/**
 * Archives and removes the jobs that ended, or were imported, long enough ago. A job that a client changes meanwhile
 * (extends it, say) stays. Returns the ids of those removed. Stopped anywhere, or run by several processes at once, it
 * does no harm.
 */
export async function retireJobs(ledger: Ledger, { keepMs, archive }: RetirePolicy): Promise<string[]> {
  const retired: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await ledger.store.list({ limit: PAGE, ...(after ? { after } : {}) });
    for (const id of page) {
      const found = await ledger.findJob(id);
      if (!found || isActive(found.job.state) || found.job.endedAt === null) continue;
      const since = found.now - keepMs;
      if (found.job.endedAt >= since || (await importedAt(ledger, id)) >= since) continue;
      const document = await exportJob(ledger, id);
      await archive(document);
      if (await ledger.store.remove(id, [fields.job, encodeRecord(document.job)])) retired.push(id);
    }
    // Where the page's last job was removed just now there is nothing to go on from; the next round takes the rest.
    after = page.findLast((id) => !retired.includes(id));
    if (page.length < PAGE || after === undefined) return retired;
  }
}

/** When the job came from another ledger; -Infinity where it is this one's own. */
async function importedAt(ledger: Ledger, jobId: string): Promise<number> {
  const {
    values: [text],
  } = await ledger.store.read(jobId, [fields.imported]);
  return text ? decodeRecord('imported', text).at : -Infinity;
}
