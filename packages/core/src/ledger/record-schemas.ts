import type { ModelState } from '@gradsmith/bayesopt';
import { z } from 'zod';
import { baselineNames } from '../domain/baselines.ts';
import { trialIdPattern } from '../domain/confirm-trials.ts';
import { MAX_IMPROVEMENTS } from '../domain/improvements.ts';
import { jobIdPattern } from '../domain/job-id.ts';
import { stopRules, type JobRecord } from '../domain/job-record.ts';
import { jobStates } from '../domain/job-states.ts';
import { MAX_TIME } from '../domain/max-time.ts';
import { MAX_RECENT } from '../domain/pace.ts';
import { MAX_FRONT } from '../domain/pareto-record.ts';
import { pointSchema } from '../domain/point.ts';
import { progressSchema, pruningSchema, stepSchema } from '../domain/progress-schemas.ts';
import { MAX_REPORTS, type ReportsRecord } from '../domain/reports.ts';
import { SCHEMA_VERSION } from '../domain/schema-version.ts';
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
/**
 * Trials of a job, at most. Search trials have numbers of at most six digits. The others grow with each extension of
 * the job, as other points lead: by 2,000 at most.
 */
export const MAX_TRIALS = 1_000_000;
const version = z
  .literal(SCHEMA_VERSION, 'records of another version cannot be read')
  .describe('Version of the record');

export const jobRecordSchema = z.strictObject({
  schema: version,
  id: z.string().regex(jobIdPattern, 'must be a job id, such as job_0123456789abcdef0123').describe('Id of the job'),
  state: z.enum(jobStates).describe('State of the job'),
  reason: z.string().max(10_000).nullable().describe('Why it failed, was cancelled or completed at its deadline'),
  createdAt: moment.describe('When the job was created'),
  startedAt: moment.nullable().describe('When the job started'),
  resumed: z
    .strictObject({
      at: moment.describe('When it was extended'),
      settled: count.describe('Search trials that were settled by then'),
    })
    .optional()
    .describe('When the job was last extended after it had finished'),
  finishedAt: moment.nullable().describe('When the job finished'),
  stopped: z
    .strictObject({
      rule: z.enum(stopRules).describe('The rule of `search.stop`'),
      at: moment.describe('When the search stopped'),
    })
    .optional()
    .describe('Why and when the search stopped before its budget was used up'),
  patienceFrom: count.optional().describe('Search trials that had a result when patience began to count'),
  converged: z
    .strictObject({
      count: count.describe('How often in a row the model expected too little improvement'),
      results: count.describe('Search trials that had a result at the last time'),
    })
    .optional()
    .describe('What `search.stop.improvement` has counted'),
  seq: sequence.describe('Sequence number of the last change'),
  budget: count.describe('Search trials that may be created in total'),
  nextNumber: count.describe('Number of the next search trial'),
  invalidated: count.describe('Trials that were invalidated or retried'),
  rewritten: sequence.describe('How often a settled trial was changed'),
  counts: z
    .strictObject(
      Object.fromEntries(
        trialStates.map((state) => [state, count.describe(`Search trials that are ${state}`)]),
      ) as Record<(typeof trialStates)[number], typeof count>,
    )
    .describe('Search trials by state'),
  open: z.array(trialId).max(2_000).describe('Ids of pending and running trials'),
  extras: z.array(trialId).max(MAX_TRIALS).describe('Ids of the trials that are not search trials'),
  best: z
    .strictObject({
      number: count.describe('Number of the trial'),
      value: z.number().describe('Its value of the metric'),
      point: pointSchema,
    })
    .nullable()
    .describe('The best complete search trial'),
  infeasible: count.optional().describe('Complete search trials that do not fulfill the measured constraints'),
  closest: z
    .strictObject({
      number: count.describe('Number of the trial'),
      violation: z.number().min(0).describe('What it exceeds, relative to each limit, summed up'),
      metric: z.string().max(64).describe('The metric that exceeds its limit the most'),
      value: z.number().describe('Its value'),
      limit: z.number().describe('Its limit'),
    })
    .optional()
    .describe('The infeasible trial that violates the constraints the least'),
  pareto: z
    .strictObject({
      front: z
        .array(
          z.strictObject({
            number: count.describe('Number of the trial'),
            values: z.array(z.number()).min(2).max(3).describe('Its values, in the order of the objectives'),
          }),
        )
        .max(MAX_FRONT)
        .describe('Complete trials that no other dominates, by number'),
      worst: z.array(z.number()).min(2).max(3).describe('The worst value of each objective'),
      omitted: count.describe(
        'Trials that were left out so far because the front was full; other trials may dominate them now',
      ),
    })
    .optional()
    .describe('The Pareto front of a job with several objectives'),
  leaders: z.array(z.number()).max(100).describe('Values of the best search trials, best first'),
  improvements: z
    .array(z.tuple([count, z.number()]))
    .max(MAX_IMPROVEMENTS)
    .optional()
    .describe('How the best value improved: settled search trials, and the value'),
  settledTimes: z.array(moment).max(MAX_RECENT).optional().describe('When the latest search trials settled'),
  extraTimes: z.array(moment).max(MAX_RECENT).optional().describe('When the latest trials of other roles settled'),
  pausedAt: moment.optional().describe('When the job was paused, if it is'),
  pauses: z
    .array(z.tuple([moment, moment]))
    .max(MAX_RECENT)
    .optional()
    .describe('The latest times in which the job was paused and none of its trials ran'),
  confirmedGain: z
    .strictObject({
      trial: count.describe('Number of the best trial'),
      mean: z.number().describe('Mean of its gains over the reference'),
      interval: z.tuple([z.number(), z.number()]).nullable().describe('95 % interval of the mean'),
      seeds: count.describe('Fresh seeds with a pair of values'),
    })
    .optional()
    .describe('The best trial against the reference over fresh seeds'),
  reference: z.number().nullable().describe('Value of the reference trial'),
  runtime: z.string().max(200).nullable().describe('Backend, precision and threads of every trial'),
  lastError: z
    .strictObject({
      at: moment.describe('When the attempt failed'),
      trial: trialId.describe('Id of the trial'),
      reason: z.string().max(10_000).describe('What went wrong'),
    })
    .nullable()
    .describe('The last attempt that failed'),
}) satisfies z.ZodType<JobRecord>;

// The optimizer's own record of its model: what it does not know it does not read.
const hyperparameters = z.looseObject({
  logLengthscales: z.array(z.number()).max(200).describe('Logarithm of the length scale of each dimension'),
  logSignalVariance: z.number().describe('Logarithm of the signal variance'),
  logNoiseVariance: z.number().describe('Logarithm of the noise variance'),
  warp: z.number().describe('Exponent that makes the values more normally distributed'),
});
const model: z.ZodType<ModelState> = z.looseObject({
  fittedTo: count.describe('Observations that it was fitted to'),
  start: hyperparameters.optional().describe('Hyperparameters that the fit started from'),
  fitted: hyperparameters.describe('Fitted hyperparameters'),
});

export const trialRecordSchema = z.strictObject({
  schema: version,
  id: trialId.describe('Id of the trial'),
  role: z.enum(trialRoles).describe('Its place in the job'),
  number: count.nullable().describe('Number of a search trial, or of a trial that tunes a baseline'),
  baseline: z.enum(baselineNames).optional().describe('Baseline that the trial tunes or confirms'),
  confirms: z
    .strictObject({
      number: count.nullable().describe('Number of the trial that it repeats; null: the reference'),
      seedIndex: count.describe('Index of the fresh seed'),
    })
    .nullable()
    .describe('What a confirmation repeats'),
  state: z.enum(trialStates).describe('State of the trial'),
  point: pointSchema,
  seed: seed.describe('Seed that the trial runs with'),
  source: z
    .strictObject({
      kind: z.enum(sourceKinds).describe('Where the point comes from'),
      seenSeq: sequence.describe('Sequence number of the last change that the optimizer had seen'),
      key: z.string().max(300).optional().describe('Key under which a client enqueued the point'),
      reason: z.string().max(10_000).optional().describe("Why the model's suggestion could not be computed"),
      model: model.optional().describe('The fitted model'),
      outlook: z
        .strictObject({
          improvement: z.number().min(0).describe('The largest expected improvement of one more trial'),
          noise: z.number().min(0).describe('Standard deviation of the noise near the best values'),
        })
        .optional()
        .describe('What the model expected, for `search.stop.improvement`'),
      versions: z
        .record(z.string().max(64), z.string().max(200))
        .optional()
        .describe('Versions of the optimizer and of the JavaScript engine'),
    })
    .describe('How the point was found'),
  dispatch: count.describe('Grows each time the trial becomes pending again'),
  notBefore: moment.describe('Earliest start of the next attempt'),
  attempts: z
    .array(
      z.strictObject({
        id: z.string().max(200).describe('UUID of the attempt'),
        worker: z.string().max(200).describe('Name of the worker or program'),
        startedAt: moment.describe('When the attempt started'),
        finishedAt: moment.nullable().describe('When the attempt finished'),
        outcome: z
          .enum(['running', 'reported', 'failed', 'released', 'expired', 'cancelled'])
          .describe('How the attempt finished'),
        reason: z.string().max(10_000).nullable().describe('Why it failed or was released'),
      }),
    )
    .max(1_000)
    .describe('Every attempt, in order'),
  preemptions: count.describe('How often the trial was released'),
  lease: z
    .strictObject({
      attemptId: z.string().max(200).describe('The attempt that has the trial'),
      expiresAt: moment.describe('When the lease expires'),
    })
    .nullable()
    .describe('The lease of the running attempt'),
  progress: progressSchema.nullable().describe('The last report of the running attempt'),
  pruning: pruningSchema.nullable().describe('Why the attempt was asked to stop early'),
  result: trialResultSchema
    .omit({ curve: true, recording: true })
    .nullable()
    .describe('The reported result, without its curve and recording'),
  feasible: z.boolean().optional().describe('Whether the result fulfills the measured constraints'),
  digest: z.string().max(128).nullable().describe('Digest of the result'),
  reason: z.string().max(10_000).nullable().describe('Why the trial failed or was cancelled'),
  createdAt: moment.describe('When the trial was created'),
  settledAt: moment.nullable().describe('When the trial settled'),
  history: z
    .array(z.tuple([sequence, z.enum(['create', ...(Object.keys(trialMoves) as TrialMove[])])]))
    .min(1)
    .max(10_000)
    .describe('Every move with its sequence number'),
}) satisfies z.ZodType<TrialRecord>;

const series = z.strictObject({
  gap: z.int().min(1).describe('Steps between two kept points, at least'),
  points: z
    .array(z.tuple([stepSchema, z.number()]))
    .max(MAX_REPORTS)
    .describe('Step and number of each kept report'),
});

export const reportsRecordSchema = z.strictObject({
  schema: version,
  values: series.optional().describe('Intermediate values of the metric'),
  sums: series.optional().describe('Of trainings: partial sums of the loss'),
  best: z
    .strictObject({ step: stepSchema, value: z.number().describe('The value there') })
    .optional()
    .describe('The best intermediate value'),
}) satisfies z.ZodType<ReportsRecord>;
