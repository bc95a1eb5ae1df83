import { baselineNames, jobStates, sourceKinds, trialRoles, trialStates } from '@gradsmith/core/domain';
import { jobSchema } from '@gradsmith/core/spec';
import { z } from 'zod';

/** Response bodies of the REST API. Times are ISO 8601 in UTC; values are finite numbers in the metric's units. */
const time = z.iso.datetime();
const point = z
  .record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
  .describe('Value of every parameter, in its own units');
const interval = z
  .tuple([z.number(), z.number()])
  .nullable()
  .describe('95 % interval of the mean over the seeds; null with fewer than two');

export const bestSchema = z.strictObject({
  trial: z.string(),
  value: z.number(),
  point,
  atBound: z
    .array(z.strictObject({ parameter: z.string(), bound: z.number() }))
    .describe('Parameters at a bound of their range; a wider range may contain a better value'),
});

export const countsSchema = z.strictObject(
  Object.fromEntries(trialStates.map((state) => [state, z.int().min(0)])) as Record<
    (typeof trialStates)[number],
    z.ZodInt
  >,
);

const pairedGains = z.array(z.strictObject({ seedIndex: z.int(), gain: z.number() }));

export const confirmedSchema = z.strictObject({
  trial: z.string(),
  seeds: z.int(),
  meanGain: z.number(),
  interval,
  gains: pairedGains,
});

const meanGain = z.strictObject({ mean: z.number(), interval, seeds: z.int() });

export const baselineSchema = z.strictObject({
  name: z.enum(baselineNames),
  budget: z.int().describe('Trials that tune it'),
  settled: z.int().describe('How many of them are settled'),
  best: bestSchema.nullable().describe('Its best trial under the seeds of the search'),
  gain: meanGain
    .extend({ gains: pairedGains })
    .nullable()
    .describe('It against plain backpropagation under fresh seeds; null without a pair'),
  confirmed: z.array(confirmedSchema).describe('Each confirmed point against it under fresh seeds'),
});

export const jobStatusSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  state: z.enum(jobStates),
  reason: z.string().nullable(),
  phase: z.enum(['waiting', 'searching', 'confirming', 'finished']),
  seq: z.int().describe('Grows with every change of the job'),
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  budget: z.int(),
  enqueued: z.int().describe('Enqueued points without a trial'),
  settled: z.int().describe('Search trials that are complete, pruned, diverged or failed'),
  counts: countsSchema,
  metric: z.string(),
  direction: z.enum(['minimize', 'maximize']),
  best: bestSchema.nullable(),
  reference: z
    .number()
    .nullable()
    .describe(
      'Value of the reference under the same seeds: the job without its backward replacements, which is plain ' +
        'backpropagation, with the settings of the job file',
    ),
  searchGain: z
    .number()
    .nullable()
    .describe(
      'Best against reference under the seeds of the search; optimistic, because the best of many was picked by it',
    ),
  confirmedGain: meanGain.nullable().describe('The best point against the reference under fresh seeds'),
  confirmed: z.array(confirmedSchema),
  baselines: z
    .array(baselineSchema)
    .describe('The null hypotheses of `confirm.against` that the job tunes by itself: constant and learning-rate'),
  runtime: z.string().nullable().describe('Backend, precision and threads all trials of this job have'),
  workers: z.int().describe('Live workers that can run its trials'),
  trialsPerMinute: z.number().nullable(),
  estimatedEnd: time.nullable(),
  lastError: z.strictObject({ at: time, trial: z.string(), reason: z.string() }).nullable(),
});
export type JobStatus = z.infer<typeof jobStatusSchema>;

export const jobSummarySchema = jobStatusSchema
  .pick({
    id: true,
    name: true,
    labels: true,
    state: true,
    createdAt: true,
    finishedAt: true,
    budget: true,
    settled: true,
    counts: true,
    metric: true,
    direction: true,
    reference: true,
  })
  .extend({ best: z.strictObject({ trial: z.string(), value: z.number() }).nullable() });
export type JobSummary = z.infer<typeof jobSummarySchema>;

export const jobResourceSchema = z.strictObject({
  id: z.string(),
  state: z.enum(jobStates),
  createdAt: time,
  spec: jobSchema,
});
export type JobResource = z.infer<typeof jobResourceSchema>;

export const attemptSchema = z.strictObject({
  id: z.string(),
  worker: z.string(),
  startedAt: time,
  finishedAt: time.nullable(),
  outcome: z.enum(['running', 'reported', 'failed', 'released', 'expired', 'cancelled']),
  reason: z.string().nullable(),
});

export const trialResourceSchema = z.strictObject({
  id: z.string(),
  role: z.enum(trialRoles),
  number: z.int().nullable().describe('Of search trials, and of trials that tune a baseline'),
  baseline: z.enum(baselineNames).nullable().describe('Baseline that the trial tunes or confirms'),
  confirms: z.strictObject({ trial: z.string(), seedIndex: z.int() }).nullable(),
  state: z.enum(trialStates),
  point,
  seed: z.int(),
  source: z.enum(sourceKinds),
  fallback: z
    .string()
    .nullable()
    .describe('Why a random point took the place of a suggestion of the model; null if none did'),
  value: z.number().nullable(),
  metrics: z.record(z.string(), z.number()),
  reason: z.string().nullable(),
  attempts: z.array(attemptSchema),
  progress: z
    .union([
      z.strictObject({ step: z.int(), partialSum: z.number() }),
      z.strictObject({ step: z.int(), value: z.number() }),
    ])
    .nullable(),
  pruning: z
    .strictObject({ step: z.int(), value: z.number(), threshold: z.number() })
    .nullable()
    .describe('For a trial that stops early: the step, and the worst value that would have let it continue'),
  createdAt: time,
  settledAt: time.nullable(),
});
export type TrialResource = z.infer<typeof trialResourceSchema>;

export const bFunctionsSchema = z.strictObject({
  functions: z.array(
    z.strictObject({
      layer: z.string(),
      activation: z.string(),
      z: z.array(z.number()).describe('Pre-activations'),
      g: z.array(z.number().nullable()).describe('The b-function; null where it is not finite'),
      derivative: z.array(z.number().nullable()).describe('σ′ of plain backpropagation'),
      rate: z.array(z.number().nullable()).describe('g/σ′, the implicit learning rate; null where σ′ is 0'),
    }),
  ),
});

export const importanceSchema = z.strictObject({
  items: z
    .array(
      z.strictObject({
        name: z.string(),
        alone: z.number().describe('First-order Sobol index: the share explained by this parameter alone'),
        total: z.number().describe('Total Sobol index: the share that involves it, interactions included'),
      }),
    )
    .describe('In falling order of total; empty with fewer than two different values'),
});
export type ParameterImportance = z.infer<typeof importanceSchema>['items'][number];

export const workerResourceSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  state: z.enum(['idle', 'working', 'full']),
  runtime: z.string().describe('Backend, precision and threads'),
  backend: z.string(),
  slots: z.int(),
  trials: z.array(z.strictObject({ job: z.string(), trial: z.string() })).describe('What it executes now'),
});
export type WorkerResource = z.infer<typeof workerResourceSchema>;

/** One page of a list; `next` is the cursor of the page after it. */
function createPageSchema<T extends z.ZodType>(
  item: T,
): z.ZodObject<{ items: z.ZodArray<T>; next: z.ZodNullable<z.ZodString> }> {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() });
}

export const jobPageSchema = createPageSchema(jobSummarySchema).extend({
  unreadable: z
    .array(z.string())
    .describe('Ids of jobs that were skipped because their records cannot be read: restore them, or delete them'),
});
export type JobPage = z.infer<typeof jobPageSchema>;

export const trialPageSchema = createPageSchema(trialResourceSchema);

export const trialWithCurveSchema = trialResourceSchema.extend({
  curve: z
    .array(z.number())
    .describe('Training loss of every step, or the intermediate values of an external objective'),
});
export type TrialWithCurve = z.infer<typeof trialWithCurveSchema>;

/** RFC 9457 problem details; `problems` names each invalid part of the request. */
export const problemDetailsSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  instance: z.string().optional(),
  problems: z
    .array(z.strictObject({ pointer: z.string().describe('JSON pointer into the request'), message: z.string() }))
    .optional(),
});
export type ProblemDetails = z.infer<typeof problemDetailsSchema>;
