import {
  budgetSchema,
  createDurationSchema,
  durationSchema,
  fitsCurve,
  invalidationReasonSchema,
  jobStates,
  pointSchema,
  trialIdPattern,
  trialResultSchema,
} from '@gradsmith/core/domain';
import { z } from 'zod';

/** Request bodies, and the answers of the trial protocol over HTTP. */
export const extendRequestSchema = z.strictObject({
  trials: budgetSchema.describe('The new total budget'),
});

export const enqueueRequestSchema = z.strictObject({
  point: pointSchema.describe('Parameters with one value may be left out'),
});
export const enqueuedSchema = z.strictObject({
  key: z.string().describe('The idempotency key of the point'),
  added: z.boolean().describe('false: this key was used with this point before'),
  trial: z.string().nullable().describe('The trial of the point; null until it is created'),
  ahead: z.int().nullable().describe('Points before it; null once its trial is created'),
});

export const invalidateRequestSchema = z.strictObject({
  reason: invalidationReasonSchema.describe('Why the result does not count, for people'),
});

const attempt = z
  .uuid('must be a UUID; make a new one for each trial you ask for')
  .describe('A UUID that the program creates for each trial that it asks for');
const lease = createDurationSchema('1s', '1h')
  .default('60s')
  .describe('Without a heartbeat for this long, the trial goes to another program; 1s to 1h');

export const askRequestSchema = z.strictObject({
  attempt,
  worker: z.string().min(1).max(128).default('external').describe('Name of the program, for people'),
  lease,
  wait: durationSchema.optional().describe('How long to wait for a trial if none is free; at most 10s'),
});
/** Trials of a batch, at most. */
const MAX_BATCH = 100;

export const askManyRequestSchema = askRequestSchema.omit({ attempt: true }).extend({
  attempts: z
    .array(attempt)
    .min(1)
    .max(MAX_BATCH)
    .refine((ids) => new Set(ids).size === ids.length, 'must not contain a UUID twice')
    .describe('A UUID for each trial that the program asks for'),
});

const state = z.enum(jobStates).describe('State of the job');
const startedTrialSchema = z.strictObject({
  trial: z.string().describe('Id of the trial, for heartbeat and tell'),
  number: z.int().describe('Number of the trial in its job, from 0'),
  point: pointSchema,
  seed: z.int().describe('Seed of the job, for programs that use random numbers'),
  attempt: z.string().describe('The UUID of the request'),
  lease: z.string().describe('Without a heartbeat for this long, the trial goes to another program'),
  leaseMs: z.int().describe('The same in milliseconds'),
  heartbeatEvery: z.string().describe('Send a heartbeat about this often'),
  heartbeatEveryMs: z.int().describe('The same in milliseconds'),
});
const waitAnswer = z.strictObject({
  answer: z.literal('wait').describe('No trial is free'),
  state,
  retryAfter: z.string().describe('Ask again after this time'),
  retryAfterMs: z.int().describe('The same in milliseconds'),
});
const finishedAnswer = z.strictObject({
  answer: z.literal('finished').describe('The job has finished: do not ask again'),
  state,
});
export const askAnswerSchema = z.discriminatedUnion('answer', [
  z.strictObject({ answer: z.literal('trial').describe('A trial to measure'), ...startedTrialSchema.shape }),
  waitAnswer,
  finishedAnswer,
]);
export const askManyAnswerSchema = z.discriminatedUnion('answer', [
  z.strictObject({
    answer: z.literal('trials').describe('Trials to measure'),
    items: z
      .array(startedTrialSchema)
      .describe('At least one and at most one for each UUID, which is its `attempt`: as many as were free'),
  }),
  waitAnswer,
  finishedAnswer,
]);

export const heartbeatRequestSchema = z.strictObject({
  attempt,
  lease,
  progress: z
    .strictObject({
      step: z.int().min(0).describe('Grows within an attempt: an epoch, a number of examples…'),
      value: z.number().describe('The metric at this step'),
    })
    .optional()
    .describe('The last intermediate value of the metric; a step that was reported before changes nothing'),
});
export const heartbeatAnswerSchema = z.strictObject({
  answer: z
    .enum(['continue', 'prune', 'cancel', 'stale'])
    .describe('prune: report the value so far as pruned. cancel, stale: stop, the result is not needed'),
});

/** Values of a curve that a program tells. As JSON they have at most 26 bytes each, and fit a body of 1 MiB. */
const MAX_TOLD_CURVE = 40_000;

const { metrics, provenance } = trialResultSchema.shape;
export const tellRequestSchema = z.strictObject({
  attempt,
  outcome: trialResultSchema.shape.outcome.default('complete'),
  value: z
    .number()
    .nullable()
    .describe('The metric; for a pruned trial, a bound that it cannot beat. null: no finite value, so the trial fails'),
  metrics,
  curve: z
    .array(
      z
        .number()
        .refine(
          fitsCurve,
          'must be at most 3.4e38 in size, as curves are stored in float32; leave it out or tell a bound',
        ),
    )
    .max(MAX_TOLD_CURVE)
    .default([])
    .describe('Intermediate values, one a step, each at most 3.4e38 in size'),
  provenance,
});
export const tellAnswerSchema = z.strictObject({
  answer: z
    .enum(['reported', 'already', 'failed'])
    .describe('reported: the result is stored. already: it was stored before. failed: it had no finite value'),
});

export const tellManyRequestSchema = z.strictObject({
  results: z
    .array(
      tellRequestSchema.extend({
        trial: z
          .string()
          .regex(trialIdPattern, 'must be a trial id, such as 7')
          .describe('Id of the trial that the attempt has measured'),
      }),
    )
    .min(1)
    .max(MAX_BATCH)
    .describe('The result of each trial'),
});
export const tellManyAnswerSchema = z.strictObject({
  items: z
    .array(
      z.strictObject({
        trial: z.string().describe('Id of the trial'),
        attempt: z.string().describe('The UUID of the result'),
        answer: z
          .enum(['reported', 'already', 'failed', 'stale', 'conflict', 'not-found'])
          .describe(
            'reported: the result is stored. already: it was stored before. failed: it had no finite value. The ' +
              'others do not count. stale: the attempt does not have the trial any more. conflict: it has reported ' +
              'another result. not-found: there is no such trial',
          ),
      }),
    )
    .describe('What became of each result, in the order of the request'),
  refused: z.int().describe('How many results do not count'),
});

const reason = z.string().min(1).max(2_000).describe('For people: it is shown with the attempt');
export const releaseRequestSchema = z.strictObject({ attempt, reason: reason.default('released') });
export const releaseAnswerSchema = z.strictObject({
  answer: z.literal('released').describe('The trial is free for other programs'),
});
export const failRequestSchema = z.strictObject({
  attempt,
  reason,
  final: z.boolean().default(false).describe('Another attempt would fail in the same way'),
});
export const failAnswerSchema = z.strictObject({
  answer: z.enum(['failed', 'retry']).describe('failed: no attempt is left. retry: another attempt follows'),
});

export type AskRequest = z.input<typeof askRequestSchema>;
export type AskedTrial = z.infer<typeof askAnswerSchema>;
export type AskManyRequest = z.input<typeof askManyRequestSchema>;
export type AskedTrials = z.infer<typeof askManyAnswerSchema>;
export type StartedTrial = z.infer<typeof startedTrialSchema>;
export type TellManyRequest = z.input<typeof tellManyRequestSchema>;
export type TellManyAnswer = z.infer<typeof tellManyAnswerSchema>;
export type HeartbeatRequest = z.input<typeof heartbeatRequestSchema>;
export type FailRequest = z.input<typeof failRequestSchema>;
export type TellRequest = z.input<typeof tellRequestSchema>;
export type EnqueuedResource = z.infer<typeof enqueuedSchema>;
