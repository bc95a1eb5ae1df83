import { z } from 'zod';
import { jobSchema } from '../job/spec.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { jobRecordSchema, trialRecordSchema } from '../ledger/record-schemas.ts';

/**
 * A whole job as one document: what was asked for, every trial with every attempt, every curve. Enough to report on it
 * and to compute each of its points again, away from the ledger it came from.
 */
export const jobDocumentSchema = z.strictObject({
  format: z.literal('gradsmith-job', 'this is not an exported job'),
  version: z.literal(1, 'only documents of version 1 can be read'),
  spec: jobSchema,
  job: jobRecordSchema,
  trials: z.array(trialRecordSchema).max(100_000),
  curves: z
    .record(z.string().max(64), z.base64())
    .describe('By trial: float32 little-endian loss of every step, base64'),
});
export type JobDocument = z.infer<typeof jobDocumentSchema>;

/** Reads everything the ledger holds of a job. Throws NotFound. */
export async function exportJob(ledger: Ledger, jobId: string): Promise<JobDocument> {
  const { job, spec } = await ledger.job(jobId);
  const trials = await ledger.allTrials(job);
  const ids = trials.map(({ id }) => id);
  const curves = await ledger.curves(jobId, ids);
  const told = ids.map((id, i) => [id, curves[i]!] as const).filter(([, curve]) => curve);
  return { format: 'gradsmith-job', version: 1, spec, job, trials, curves: Object.fromEntries(told) };
}
