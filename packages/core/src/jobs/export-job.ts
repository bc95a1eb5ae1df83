import type { Ledger } from '../ledger/ledger.ts';
import { type JobDocument } from './job-document.ts';

/** Reads everything the ledger holds of a job. Throws NotFound. */
export async function exportJob(ledger: Ledger, jobId: string): Promise<JobDocument> {
  const { job, spec } = await ledger.readJob(jobId);
  const trials = await ledger.readAllTrials(job);
  const ids = trials.map(({ id }) => id);
  const curves = await ledger.readCurves(jobId, ids);
  const stored = ids.map((id, i) => [id, curves[i]!] as const).filter(([, curve]) => curve);
  return { format: 'gradsmith-job', version: 2, spec, job, trials, curves: Object.fromEntries(stored) };
}
