// What the API says about jobs.
import { MAX_IMPROVEMENTS, baselineNames, jobStates, stopRules, trialStates } from '@gradsmith/core/domain';
import { validationMetrics } from '@gradsmith/core/jobs';
import { jobSchema } from '@gradsmith/core/spec';
import { z } from 'zod';
import { createPageSchema, jobId, point, time, trialId } from './resource-parts.ts';

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

const validationGain = z.strictObject({
  metric: z.enum(validationMetrics).describe('What was measured after the last epoch'),
  meanGain: z.number().describe('Mean of the gains; positive is better'),
  interval,
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
  referenceDivergence: z
    .strictObject({
      value: z
        .number()
        .nullable()
        .describe('What the metric gives to the diverged reference of the search; null if that one did not diverge'),
      diverged: z.int().describe('Fresh seeds under which the reference diverged'),
      seeds: z.int().describe('Fresh seeds under which the reference has a value'),
    })
    .nullable()
    .describe(
      'How often the reference diverged; null if it never did. A gain over a diverged training measures the value ' +
        'that diverged trainings get, not how much better a point is',
    ),
  searchGain: z
    .number()
    .nullable()
    .describe(
      'Best against reference under the seeds of the search; optimistic, because the best of many was picked by it',
    ),
  confirmedGain: meanGain.nullable().describe('The best point against the reference under fresh seeds'),
  confirmed: z
    .array(
      confirmedSchema.extend({
        validation: z
          .array(validationGain)
          .describe('Its gains on the validation examples under these seeds, which the search does not optimize'),
      }),
    )
    .describe('Each confirmed point against the reference under fresh seeds'),
  baselines: z
    .array(baselineSchema)
    .describe('The null hypotheses of `confirm.against` that the job tunes by itself: constant and learning-rate'),
  runtime: z.string().nullable().describe('Backend, precision and threads all trials of this job have'),
  workers: z.int().describe('Live workers that can run its trials'),
  trialsPerMinute: z
    .number()
    .nullable()
    .describe(
      'Rate at which trials settle, without the time in which the job was paused: of the last 15 of every role while ' +
        'the job runs, later of those of the search since it started or was last extended; null before one has settled',
    ),
  estimatedEnd: time
    .nullable()
    .describe(
      'When all trials that the job still needs will have settled at this rate, confirmations too; null if it is ' +
        'unknown',
    ),
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
    phase: true,
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
