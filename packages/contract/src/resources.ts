import {
  MAX_REPORTS,
  MAX_IMPROVEMENTS,
  baselineNames,
  jobStates,
  preActivationsSchema,
  recordingSchema,
  sourceKinds,
  stopRules,
  trialRoles,
  trialStates,
} from '@gradsmith/core/domain';
import { jobSchema } from '@gradsmith/core/spec';
import { z } from 'zod';

/** Response bodies of the REST API. Times are ISO 8601 in UTC; values are finite numbers in the metric's units. */
const time = z.iso.datetime();
const jobId = z.string().describe('Id of the job');
const trialId = z.string().describe('Id of the trial');
const point = z
  .record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
  .describe('Value of every parameter, in its own units');
const interval = z
  .tuple([z.number(), z.number()])
  .nullable()
  .describe('95 % interval of the mean over the seeds; null with fewer than two');

export const bestSchema = z.strictObject({
  trial: trialId,
  value: z.number().describe('Its value of the metric'),
  point,
  atBound: z
    .array(
      z.strictObject({
        parameter: z.string().describe('Name of the parameter'),
        bound: z.number().describe('The bound: the low or the high end of its range'),
      }),
    )
    .describe('Parameters at a bound of their range; a wider range may contain a better value'),
});

export const countsSchema = z.strictObject(
  Object.fromEntries(
    trialStates.map((state) => [state, z.int().min(0).describe(`Search trials that are ${state}`)]),
  ) as Record<(typeof trialStates)[number], z.ZodInt>,
);

const pairedGains = z
  .array(
    z.strictObject({
      seedIndex: z.int().describe('Index of the fresh seed, from 0'),
      gain: z.number().describe('Gain under this seed; positive is better'),
    }),
  )
  .describe('The gain under each fresh seed');

export const confirmedSchema = z.strictObject({
  trial: trialId,
  seeds: z.int().describe('Fresh seeds with a pair of values'),
  meanGain: z.number().describe('Mean of the gains'),
  interval,
  gains: pairedGains,
});

const meanGain = z.strictObject({
  mean: z.number().describe('Mean of the gains'),
  interval,
  seeds: z.int().describe('Fresh seeds with a pair of values'),
});

export const baselineSchema = z.strictObject({
  name: z.enum(baselineNames).describe('Which null hypothesis it is'),
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
  id: jobId,
  name: z.string().describe('Name of the job; several jobs may have the same'),
  labels: z.record(z.string(), z.string()).describe('Labels of the job'),
  state: z.enum(jobStates).describe('State of the job'),
  reason: z
    .string()
    .nullable()
    .describe(
      'Why the job failed, was cancelled, completed at its deadline or without a feasible trial; null otherwise',
    ),
  phase: z
    .enum(['waiting', 'searching', 'confirming', 'finished'])
    .describe('What the job does: it waits for its first trial, searches, confirms the best points, or has finished'),
  stopped: z
    .strictObject({
      rule: z.enum(stopRules).describe('The rule of `search.stop`'),
      at: time.describe('When the search stopped'),
      reason: z.string().describe('In a few words, such as "no better point in 10 results"'),
    })
    .nullable()
    .describe('Why the search stopped before its budget was used up; null if it did not'),
  seq: z.int().describe('Grows with every change of the job'),
  createdAt: time.describe('When the job was created'),
  startedAt: time.nullable().describe('When the job started; null before that'),
  finishedAt: time.nullable().describe('When the job finished; null before that'),
  budget: z.int().describe('Search trials to run'),
  enqueued: z.int().describe('Enqueued points without a trial'),
  settled: z.int().describe('Search trials that are complete, pruned, diverged or failed'),
  counts: countsSchema.describe('Search trials by state'),
  metric: z.string().describe('Name of the metric'),
  direction: z.enum(['minimize', 'maximize']).describe('Whether smaller or larger values are better'),
  best: bestSchema
    .nullable()
    .describe('The best complete search trial, which fulfills the measured constraints; null before the first'),
  infeasible: z.int().describe('Complete search trials that do not fulfill the measured constraints'),
  pareto: z
    .strictObject({
      objectives: z
        .array(
          z.strictObject({
            metric: z.string().describe('Name of the metric'),
            goal: z.enum(['minimize', 'maximize']).describe('Whether smaller or larger values are better'),
          }),
        )
        .describe('The objectives, in the order of the job file'),
      front: z
        .array(
          z.strictObject({
            trial: trialId,
            values: z.array(z.number()).describe('Its values, in the order of the objectives'),
          }),
        )
        .describe('Complete trials that no other dominates, at most 100, best value of the first objective first'),
      omitted: z
        .int()
        .describe('Trials that were left out so far because the front was full; other trials may dominate them now'),
      hypervolume: z.number().describe('What the front dominates, up to the reference'),
      reference: z
        .array(z.number())
        .nullable()
        .describe(
          'Where the hypervolume is measured from: the references of the job file, or else the worst values of all ' +
            'complete trials, which change with the trials; null before the first',
        ),
    })
    .nullable()
    .describe('The Pareto front of a job with several objectives, which has no best trial; null for one objective'),
  closest: z
    .strictObject({
      trial: trialId,
      violation: z.number().describe('What it exceeds, relative to each limit, summed up'),
      metric: z.string().describe('The metric that exceeds its limit the most'),
      value: z.number().describe('Its value'),
      limit: z.number().describe('Its limit'),
    })
    .nullable()
    .describe('The infeasible trial that violates the constraints the least; null if there is none'),
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
  confirmed: z.array(confirmedSchema).describe('Each confirmed point against the reference under fresh seeds'),
  baselines: z
    .array(baselineSchema)
    .describe('The null hypotheses of `confirm.against` that the job tunes by itself: constant and learning-rate'),
  runtime: z.string().nullable().describe('Backend, precision and threads all trials of this job have'),
  workers: z.int().describe('Live workers that can run its trials'),
  trialsPerMinute: z
    .number()
    .nullable()
    .describe(
      'Rate at which trials settle: of the last 15 while the job runs, otherwise of all; null before one has settled',
    ),
  estimatedEnd: time.nullable().describe('When the job will have finished at this rate; null if it is unknown'),
  timeLeftMs: z.int().nullable().describe('Time until then in milliseconds; null if it is unknown'),
  improvements: z
    .array(z.tuple([z.int(), z.number()]))
    .max(MAX_IMPROVEMENTS)
    .describe(
      `How the best value improved, for a small chart: settled search trials, and the best value from then on. At ` +
        `most ${MAX_IMPROVEMENTS} entries; beyond that, the smallest improvements are left out`,
    ),
  lastError: z
    .strictObject({
      at: time.describe('When the attempt failed'),
      trial: trialId,
      reason: z.string().describe('What went wrong'),
    })
    .nullable()
    .describe('The last attempt that failed; null if none did'),
});
export type JobStatus = z.infer<typeof jobStatusSchema>;

export const jobSummarySchema = jobStatusSchema
  .pick({
    id: true,
    name: true,
    labels: true,
    state: true,
    createdAt: true,
    startedAt: true,
    finishedAt: true,
    budget: true,
    settled: true,
    counts: true,
    metric: true,
    direction: true,
    reference: true,
    searchGain: true,
    confirmedGain: true,
    trialsPerMinute: true,
    estimatedEnd: true,
    timeLeftMs: true,
    improvements: true,
  })
  .extend({
    best: z
      .strictObject({ trial: trialId, value: z.number().describe('Its value of the metric') })
      .nullable()
      .describe('The best complete search trial; null before the first'),
  });
export type JobSummary = z.infer<typeof jobSummarySchema>;

export const jobResourceSchema = z.strictObject({
  id: jobId,
  state: z.enum(jobStates).describe('State of the job'),
  createdAt: time.describe('When the job was created'),
  spec: jobSchema.describe('The job as it was posted, with every default, and with its present name and labels'),
  notes: z.string().nullable().describe('Notes for people, in Markdown; null without any'),
});
export type JobResource = z.infer<typeof jobResourceSchema>;

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

const step = z.int().describe('Step of the report');

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
  progress: z
    .union([
      z.strictObject({
        step,
        partialSum: z.number().describe('The AULC so far: what it would be if all later losses were 0'),
        value: z.number().optional().describe('The metric, if it was measured at this step'),
      }),
      z.strictObject({ step, value: z.number().describe('The intermediate value at this step') }),
    ])
    .nullable()
    .describe('The last report of the running attempt; null without one'),
  pruning: z
    .strictObject({
      step,
      value: z.number().describe('The value at this step'),
      threshold: z.number().describe('The worst value that would have let it continue'),
    })
    .nullable()
    .describe('For a trial that stops early: the step, and the worst value that would have let it continue'),
  createdAt: time.describe('When the trial was created'),
  settledAt: time.nullable().describe('When the trial settled; null before that'),
});
export type TrialResource = z.infer<typeof trialResourceSchema>;

export const bFunctionsSchema = z.strictObject({
  functions: z
    .array(
      z.strictObject({
        layer: z.string().describe('Name of the activation layer'),
        activation: z.string().describe('Its activation function σ'),
        z: z.array(z.number()).describe('Pre-activations'),
        g: z.array(z.number().nullable()).describe('The b-function; null where it is not finite'),
        derivative: z.array(z.number().nullable()).describe('σ′ of plain backpropagation'),
        rate: z.array(z.number().nullable()).describe('g/σ′, the implicit learning rate; null where σ′ is 0'),
      }),
    )
    .describe('One for each replaced layer'),
});

export const importanceSchema = z.strictObject({
  items: z
    .array(
      z.strictObject({
        name: z.string().describe('Name of the parameter'),
        alone: z.number().describe('First-order Sobol index: the share explained by this parameter alone'),
        total: z.number().describe('Total Sobol index: the share that involves it, interactions included'),
      }),
    )
    .describe('In falling order of total; empty with fewer than two different values'),
});
export type ParameterImportance = z.infer<typeof importanceSchema>['items'][number];

const means = z.array(z.number()).describe('Expected value of the metric at each place');
const deviations = z.array(z.number()).describe('Its standard deviation, without the noise of single trials');
const gridSide = z.strictObject({
  name: z.string().describe('Name of the parameter'),
  at: z.array(z.number()).describe('Its values, ascending, evenly spaced on its scale'),
});

export const modelSchema = z.strictObject({
  point: point.nullable().describe('The best point that the model was fitted to; null without a model'),
  slices: z
    .array(
      z.strictObject({
        name: z.string().describe('Name of the parameter'),
        at: z
          .array(z.union([z.number(), z.string(), z.boolean()]))
          .describe('Its values: ascending, or all its choices'),
        mean: means,
        deviation: deviations,
      }),
    )
    .describe('Along each parameter that is active at the best point, with the others as they are there'),
  grid: z
    .strictObject({
      x: gridSide.describe('The columns of the grid'),
      y: gridSide.describe('The rows of the grid'),
      mean: means,
      deviation: deviations,
    })
    .nullable()
    .describe('Over two numeric parameters, row by row, the smallest y first; null without two of them'),
});
export type JobModel = z.infer<typeof modelSchema>;

export const curvesSchema = z.strictObject({
  items: z
    .array(
      z.strictObject({
        trial: trialId,
        steps: z.array(z.int()).describe('Steps of the curve, ascending, at most 200'),
        values: z
          .array(z.number())
          .describe('At each step the reported value, or of trainings the mean loss of the steps since the one before'),
      }),
    )
    .describe('In the order of the request, without trials that have no curve'),
});
export type TrialCurve = z.infer<typeof curvesSchema>['items'][number];

export const workerResourceSchema = z.strictObject({
  id: z.string().describe('Id of the worker process'),
  name: z.string().describe('Name of the worker, for people'),
  state: z.enum(['idle', 'working', 'full']).describe('How many of its slots are in use: none, some, all'),
  runtime: z.string().describe('Backend, precision and threads'),
  backend: z.string().describe('The library that it computes with'),
  device: z
    .enum(['cpu', 'gpu', 'software'])
    .nullable()
    .describe('Where it computes; software: a graphics API that is emulated on the CPU. null: it does not say'),
  slots: z.int().describe('Trials that it runs at once'),
  labels: z.array(z.string()).describe('Names that jobs can ask for with workers.labels'),
  trials: z.array(z.strictObject({ job: jobId, trial: trialId })).describe('What it executes now'),
  lacks: z
    .array(z.strictObject({ job: jobId, reason: z.string().describe('What is missing') }))
    .describe('Jobs whose data it does not have, so that it declines their trials'),
  seenAt: time.nullable().describe('When it last announced itself, which it does every few seconds'),
});
export type WorkerResource = z.infer<typeof workerResourceSchema>;

/** One page of a list; `next` is the cursor of the page after it. */
function createPageSchema<T extends z.ZodType>(
  item: T,
): z.ZodObject<{ items: z.ZodArray<T>; next: z.ZodNullable<z.ZodString> }> {
  return z.strictObject({
    items: z.array(item).describe('The page'),
    next: z.string().nullable().describe('`cursor` of the next page; null on the last'),
  });
}

export const jobPageSchema = createPageSchema(jobSummarySchema).extend({
  total: z
    .int()
    .nullable()
    .describe('Jobs that match the filters, on all pages; null if counting them would take a look at each'),
  unreadable: z
    .array(z.string())
    .describe('Ids of jobs that were skipped because their records cannot be read: restore them, or delete them'),
});
export type JobPage = z.infer<typeof jobPageSchema>;

export const trialPageSchema = createPageSchema(trialResourceSchema);
export const trialChangesSchema = trialPageSchema.extend({
  seq: z.int().optional().describe('Only with `after`: pass it as `after` of the next call'),
});

const reportedValues = z.array(
  z.strictObject({ step, value: z.number().describe('The number, with eight significant digits') }),
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

/** RFC 9457 problem details; `problems` names each invalid part of the request. */
export const problemDetailsSchema = z.strictObject({
  type: z.string().describe('Address of the page about this kind of problem, relative to the service'),
  title: z.string().describe('Name of the HTTP status'),
  status: z.int().describe('HTTP status'),
  detail: z.string().describe('What is wrong, and what to do'),
  code: z.string().describe('Stable name of the kind of problem'),
  instance: z.string().optional().describe('Id of the request, as in the log of the service'),
  problems: z
    .array(
      z.strictObject({
        in: z.enum(['body', 'query', 'params', 'headers']).describe('The part of the request'),
        pointer: z.string().describe('JSON pointer into this part; empty for the whole of it'),
        message: z.string().describe('What is wrong there'),
      }),
    )
    .optional()
    .describe('Each invalid part of the request'),
  answer: z.enum(['stale', 'conflict']).optional().describe('What the trial protocol calls the refusal of a result'),
});
export type ProblemDetails = z.infer<typeof problemDetailsSchema>;
