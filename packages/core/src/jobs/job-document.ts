import { z } from 'zod';
import { MAX_NOTES } from '../domain/job-details.ts';
import { recordingSchema } from '../domain/recording.ts';
import { SCHEMA_VERSION } from '../domain/schema-version.ts';
import { migrations, upgradeRecord, upgradeSpec } from '../ledger/migrations.ts';
import { jobRecordSchema, MAX_TRIALS, reportsRecordSchema, trialRecordSchema } from '../ledger/record-schemas.ts';
import { jobSchema } from '../spec/job-spec.ts';

/**
 * A whole job as one document: its specification, every trial with every attempt, every curve. Enough to report on it
 * and to compute each of its points again, away from the ledger it came from.
 */
export const jobDocumentSchema = z.strictObject({
  format: z.literal('gradsmith-job', 'this is not an exported job').describe('Marks an exported job'),
  version: z.literal(2, 'only documents of versions 1 and 2 can be read').describe('Version of the document'),
  spec: jobSchema.describe('The job as it was posted, with its present name and labels'),
  job: jobRecordSchema.describe('The record of the job'),
  notes: z.string().max(MAX_NOTES).optional().describe('Notes for people, in Markdown'),
  trials: z.array(trialRecordSchema).max(MAX_TRIALS).describe('The record of every trial'),
  curves: z
    .record(z.string().max(64), z.base64())
    .describe('By trial: float32 little-endian loss of every step, base64'),
  recordings: z
    .record(z.string().max(64), recordingSchema)
    .optional()
    .describe('By trial: weights of a layer during the training, if the job records them'),
  reports: z
    .record(z.string().max(64), z.record(z.string().max(200), reportsRecordSchema))
    .optional()
    .describe('By trial and attempt: what the attempt reported while it ran'),
});

export type JobDocument = z.infer<typeof jobDocumentSchema>;

/**
 * Upgrades an exported document of an earlier version, whose shape nobody has checked yet. What is not such a document
 * is returned as it is, for `jobDocumentSchema` to refuse.
 */
export function upgradeDocument(document: unknown): unknown {
  if (!isObject(document) || document.version !== 1) return document;
  const { spec, job, trials } = document;
  return {
    ...document,
    version: 2,
    spec: isObject(spec) ? upgradeSpec(spec) : spec,
    job: upgradeIfValid('job', job),
    trials: Array.isArray(trials) ? trials.map((trial) => upgradeIfValid('trial', trial)) : trials,
  };
}

function upgradeIfValid(kind: 'job' | 'trial', record: unknown): unknown {
  if (!isObject(record) || record.schema !== 1) return record;
  if (kind === 'trial' && !(Array.isArray(record.attempts) && Array.isArray(record.history))) return record;
  return upgradeRecord(kind, record, migrations[kind], SCHEMA_VERSION);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
