import { CorruptRecord } from '../domain/errors.ts';
import type { Ledger } from '../ledger/ledger.ts';

/**
 * Removes the job and everything recorded of it, also if its records cannot be read. Results of its trials that come
 * later find no job and are dropped. Throws NotFound.
 */
export async function deleteJob(ledger: Ledger, jobId: string): Promise<void> {
  try {
    await ledger.readJob(jobId);
  } catch (error) {
    if (!(error instanceof CorruptRecord)) throw error;
  }
  await ledger.removeJob(jobId);
}
