import { Conflict, LedgerUnavailable, NotFound } from '../domain/errors.ts';
import { isActive } from '../domain/job-states.ts';
import { listDueKinds } from '../domain/notifications-record.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { streamJobDocument } from './stream-job-document.ts';

export interface RetirePolicy {
  /** How long a job stays after its end, or after its import, ms, by the ledger's clock. */
  keepMs: number;
  /**
   * Keeps the texts of the job's document elsewhere, see `streamJobDocument`. The job is removed only once this has
   * resolved, so the document must be durable by then.
   */
  archive(jobId: string, document: AsyncIterable<string>): Promise<void>;
  /**
   * Called for each job that could not be archived, or whose records cannot be read. It stays, and the others are
   * archived, unless this throws. By default, the error is thrown.
   */
  onFailure?(jobId: string, error: unknown): void;
  /** Aborting ends the call before the next job. The text of a document that is being archived ends with an error. */
  signal?: AbortSignal;
}

/**
 * How long after its end a job waits for its webhooks, ms. Deliveries are tried for about a day, but a service without
 * a secret for webhooks never tries.
 */
const MAX_NOTIFY_MS = 7 * 24 * 3_600_000;

/**
 * Archives and removes the jobs that finished, or were imported, long enough ago. A job stays while its webhooks are
 * tried with an event that they have not received. A job that a client changes in the meantime (extends it, say) stays.
 * It may be stopped at any point, and several processes may run it at once.
 *
 * @returns the ids of the removed jobs
 * @throws LedgerUnavailable, and whatever `onFailure` throws
 */
export async function retireJobs(ledger: Ledger, policy: RetirePolicy): Promise<string[]> {
  const retired: string[] = [];
  for await (const id of ledger.listJobs()) {
    if (policy.signal?.aborted) break;
    try {
      if (await retireJob(ledger, id, policy)) retired.push(id);
    } catch (error) {
      // The job was interrupted and stays, which is no failure.
      if (policy.signal?.aborted) break;
      // It changed, or another process has removed it.
      if (error instanceof Conflict || error instanceof NotFound) continue;
      if (!policy.onFailure || error instanceof LedgerUnavailable) throw error;
      policy.onFailure(id, error);
    }
  }
  return retired;
}

async function retireJob(ledger: Ledger, id: string, { keepMs, archive, signal }: RetirePolicy): Promise<boolean> {
  const found = await ledger.findJob(id);
  if (!found || isActive(found.job.state) || found.job.finishedAt === null) return false;
  const importedAt = (await ledger.readImportTime(id)) ?? -Infinity;
  if (Math.max(found.job.finishedAt, importedAt) >= found.now - keepMs) return false;
  if (found.now - found.job.finishedAt < MAX_NOTIFY_MS && (await hasDueNotifications(ledger, id))) return false;
  await archive(id, throwOnceAborted(streamJobDocument(ledger, found), signal));
  return ledger.removeJob(id, found.job);
}

async function* throwOnceAborted(
  texts: AsyncIterable<string>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  for await (const text of texts) {
    signal?.throwIfAborted();
    yield text;
  }
}

async function hasDueNotifications(ledger: Ledger, id: string): Promise<boolean> {
  return ledger.transact(id, { notifications: true }, ({ job, spec, notifications }) =>
    (spec.webhooks ?? []).some(({ on }, i) => listDueKinds(job, on, notifications.hooks[i]!).length > 0),
  );
}
