import type { Ledger } from '../ledger/ledger.ts';

/** Removes the job and everything recorded of it. Late tells of its trials find no job and are dropped. */
export async function deleteJob(ledger: Ledger, jobId: string): Promise<void> {
  await ledger.readJob(jobId);
  await ledger.removeJob(jobId);
}
