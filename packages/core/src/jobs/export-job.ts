import type { Ledger } from '../ledger/ledger.ts';
import type { JobDocument } from './job-document.ts';
import { createDocumentHead, readDocumentParts } from './read-document.ts';

/**
 * Reads everything the ledger holds of a job into memory. A document that is only written should be streamed, see
 * `streamJobDocument`.
 *
 * @throws NotFound for an unknown job, Conflict if a finished job changes or is removed in the meantime
 */
export async function exportJob(ledger: Ledger, jobId: string): Promise<JobDocument> {
  const view = await ledger.readJob(jobId);
  const document: JobDocument = { ...createDocumentHead(view), trials: [], curves: {} };
  for await (const { field, values } of readDocumentParts(ledger, view)) {
    if (field === 'trials') document.trials.push(...values);
    else Object.assign((document[field] ??= {}), Object.fromEntries(values));
  }
  return document;
}
