// What the API says about trials and their attempts.
import {
  MAX_REPORTS,
  baselineNames,
  preActivationsSchema,
  progressSchema,
  pruningSchema,
  recordingSchema,
  sourceKinds,
  stepSchema,
  trialRoles,
  trialStates,
} from '@gradsmith/core/domain';
import { z } from 'zod';
import { createPageSchema, point, time, trialId } from './resource-parts.ts';

export const attemptSchema = z.strictObject({
  id: z.string().describe('UUID of the attempt'),
  worker: z.string().describe('Name of the worker or program'),
  startedAt: time.describe('When the attempt started'),
  finishedAt: time.nullable().describe('When the attempt finished; null while it runs'),
  outcome: z
    .enum(['running', 'reported', 'failed', 'released', 'expired', 'cancelled'])
    .describe('How the attempt finished'),
  reason: z.string().nullable().describe('Why it failed or was released; null otherwise'),
});

export const trialResourceSchema = z.strictObject({
  id: trialId,
  role: z
    .enum(trialRoles)
    .describe(
      'search: counts for the budget. reference: the job without its backward replacements. baseline: tunes a ' +
        'null hypothesis. confirm: repeats a point under a fresh seed',
    ),
  number: z.int().nullable().describe('Of search trials, and of trials that tune a baseline'),
  baseline: z.enum(baselineNames).nullable().describe('Baseline that the trial tunes or confirms'),
  confirms: z
    .strictObject({
      trial: z.string().describe('Id of the trial that it repeats'),
      seedIndex: z.int().describe('Index of the fresh seed, from 0'),
    })
    .nullable()
    .describe('What a confirmation repeats; null for other trials'),
  state: z.enum(trialStates).describe('State of the trial'),
  point,
  seed: z.int().describe('Seed that the trial runs with'),
  source: z
    .enum(sourceKinds)
    .describe(
      'Where the point comes from: the initial design, the model, a random point in place of the model, a client, ' +
        'or the job itself',
    ),
  fallback: z
    .string()
    .nullable()
    .describe('Why a random point took the place of a suggestion of the model; null if none did'),
  value: z.number().nullable().describe('Value of the metric; a bound for a pruned trial; null without a result'),
  feasible: z
    .boolean()
    .nullable()
    .describe('Whether the result fulfills the measured constraints; null in jobs without them, and without a result'),
  metrics: z.record(z.string(), z.number()).describe('Further values by name'),
  reason: z.string().nullable().describe('Why the trial failed or was cancelled; null otherwise'),
  attempts: z.array(attemptSchema).describe('Every attempt, in order'),
  progress: progressSchema.nullable().describe('The last report of the running attempt; null without one'),
  pruning: pruningSchema
    .nullable()
    .describe('For a trial that stops early: the step, and the worst value that would have let it continue'),
  createdAt: time.describe('When the trial was created'),
  settledAt: time.nullable().describe('When the trial settled; null before that'),
});
export type TrialResource = z.infer<typeof trialResourceSchema>;

export const trialPageSchema = createPageSchema(trialResourceSchema);
export const trialChangesSchema = trialPageSchema.extend({
  seq: z.int().optional().describe('Only with `after`: pass it as `after` of the next call'),
});

const reportedValues = z.array(
  z.strictObject({ step: stepSchema, value: z.number().describe('The number, with eight significant digits') }),
);

export const attemptDetailSchema = attemptSchema.extend({
  values: reportedValues.describe(
    `Intermediate values of the metric that the attempt reported: the first, the latest and others evenly spread, at ` +
      `most ${MAX_REPORTS}`,
  ),
  losses: reportedValues.describe(
    `Of trainings: the mean loss of the steps since the entry before, at most ${MAX_REPORTS} entries`,
  ),
});

export const trialDetailSchema = trialResourceSchema.extend({
  attempts: z.array(attemptDetailSchema).describe('Every attempt, in order, with what it reported'),
  curve: z
    .array(z.number())
    .describe(
      'Training loss of every step, or the intermediate values of a module or an external objective; empty until ' +
        'a result is reported',
    ),
  provenance: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .describe('What the result was computed with: backend, versions, seed; empty until a result is reported'),
  preActivations: z
    .array(preActivationsSchema)
    .optional()
    .describe('Where the inputs of layers with a replaced derivative lie; trainings of earlier versions have none'),
  recording: recordingSchema.optional().describe('Weights of a layer during the training, if the job records them'),
});
export type TrialDetail = z.infer<typeof trialDetailSchema>;
