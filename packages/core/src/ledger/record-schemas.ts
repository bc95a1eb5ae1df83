import type { ModelState } from '@gradsmith/bayesopt';
import { z } from 'zod';
import { baselineNames } from '../domain/baselines.ts';
import { trialIdPattern } from '../domain/confirm-trials.ts';
import { jobIdPattern } from '../domain/job-id.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { jobStates } from '../domain/job-states.ts';
import { MAX_TIME } from '../domain/max-time.ts';
import { pointSchema } from '../domain/point.ts';
import { sourceKinds, trialRoles, type TrialRecord } from '../domain/trial-record.ts';
import { trialResultSchema } from '../domain/trial-result.ts';
import { trialMoves, trialStates, type TrialMove } from '../domain/trial-states.ts';

/** The stored records as they travel in documents from one ledger to another, where nobody vouches for their shape. */
const count = z.int().min(0).max(1e9);
const seed = z.int().min(0);
/** A sequence number leaves enough values for the changes to come. */
const sequence = z.int().min(0).max(1e12);
/** Milliseconds since 1970, up to the end of the year 9999: ISO 8601 can represent no later time. */
const moment = z.int().min(0).max(MAX_TIME);
const trialId = z.string().regex(trialIdPattern, 'must be a trial id');
const version = z.literal(2, 'records of another version cannot be read');

export const jobRecordSchema = z.strictObject({
  schema: version,
  id: z.string().regex(jobIdPattern, 'must be a job id, such as job_0123456789abcdef0123'),
  state: z.enum(jobStates),
  reason: z.string().max(10_000).nullable(),
  createdAt: moment,
  startedAt: moment.nullable(),
  resumed: z.strictObject({ at: moment, settled: count }).optional(),
  finishedAt: moment.nullable(),
  seq: sequence,
  budget: count,
  nextNumber: count,
  invalidated: count,
  rewritten: sequence,
  counts: z.strictObject(
    Object.fromEntries(trialStates.map((state) => [state, count])) as Record<
      (typeof trialStates)[number],
      typeof count
    >,
  ),
  open: z.array(trialId).max(1_000),
  extras: z.array(trialId).max(10_000),
  best: z.strictObject({ number: count, value: z.number(), point: pointSchema }).nullable(),
  leaders: z.array(z.number()).max(100),
  reference: z.number().nullable(),
  runtime: z.string().max(200).nullable(),
  lastError: z.strictObject({ at: moment, trial: trialId, reason: z.string().max(10_000) }).nullable(),
}) satisfies z.ZodType<JobRecord>;

// The optimizer's own record of its model: what it does not know it does not read.
const hyperparameters = z.looseObject({
  logLengthscales: z.array(z.number()).max(200),
  logSignalVariance: z.number(),
  logNoiseVariance: z.number(),
  warp: z.number(),
});
const model: z.ZodType<ModelState> = z.looseObject({
  fittedTo: count,
  start: hyperparameters.optional(),
  fitted: hyperparameters,
});

export const trialRecordSchema = z.strictObject({
  schema: version,
  id: trialId,
  role: z.enum(trialRoles),
  number: count.nullable(),
  baseline: z.enum(baselineNames).optional(),
  confirms: z.strictObject({ number: count.nullable(), seedIndex: count }).nullable(),
  state: z.enum(trialStates),
  point: pointSchema,
  seed,
  source: z.strictObject({
    kind: z.enum(sourceKinds),
    seenSeq: sequence,
    key: z.string().max(300).optional(),
    reason: z.string().max(10_000).optional(),
    model: model.optional(),
    versions: z.record(z.string().max(64), z.string().max(200)).optional(),
  }),
  dispatch: count,
  notBefore: moment,
  attempts: z
    .array(
      z.strictObject({
        id: z.string().max(200),
        worker: z.string().max(200),
        startedAt: moment,
        finishedAt: moment.nullable(),
        outcome: z.enum(['running', 'reported', 'failed', 'released', 'expired', 'cancelled']),
        reason: z.string().max(10_000).nullable(),
      }),
    )
    .max(1_000),
  preemptions: count,
  lease: z.strictObject({ attemptId: z.string().max(200), expiresAt: moment }).nullable(),
  progress: z
    .union([
      z.strictObject({ step: count, partialSum: z.number() }),
      z.strictObject({ step: count, value: z.number() }),
    ])
    .nullable(),
  pruning: z.strictObject({ step: count, value: z.number(), threshold: z.number() }).nullable(),
  result: trialResultSchema.omit({ curve: true }).nullable(),
  digest: z.string().max(128).nullable(),
  reason: z.string().max(10_000).nullable(),
  createdAt: moment,
  settledAt: moment.nullable(),
  history: z
    .array(z.tuple([sequence, z.enum(['create', ...(Object.keys(trialMoves) as TrialMove[])])]))
    .min(1)
    .max(10_000),
}) satisfies z.ZodType<TrialRecord>;
