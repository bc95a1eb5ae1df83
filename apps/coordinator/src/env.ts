import { durationSchema, parseEnvironment, slotLimitsSchema, trialLeaseSchema } from '@gradsmith/core/domain';
import { redisEnvShape } from '@gradsmith/redis';
import { metricsEnvShape, telemetryEnvShape } from '@gradsmith/telemetry';
import { z } from 'zod';

export const envSchema = z
  .object({
    ...redisEnvShape,
    GRADSMITH_TRIAL_LEASE_MS: trialLeaseSchema,
    GRADSMITH_COORDINATOR_LEASE_MS: z.coerce
      .number()
      .int()
      .min(1_000)
      .default(15_000)
      .describe('Time after which another coordinator leads the jobs of a silent one, ms'),
    GRADSMITH_EVERY_MS: z.coerce
      .number()
      .int()
      .min(50)
      .default(2_000)
      .describe('Longest time between two rounds over the jobs, ms. A changed job is looked at earlier'),
    GRADSMITH_SUGGESTION_LIMIT_MS: z.coerce
      .number()
      .int()
      .min(100)
      .default(60_000)
      .describe('Time limit of a suggestion, ms. After it, a random point takes its place, with the reason'),
    GRADSMITH_SUGGESTION_THREADS: z.coerce
      .number()
      .int()
      .min(1)
      .max(256)
      .optional()
      .describe(
        'Suggestions computed at once, without slow ones. By default one less than the processors, and at most one ' +
          'for each 64 MiB of a memory limit',
      ),
    GRADSMITH_SLOT_LIMITS: slotLimitsSchema
      .default([])
      .describe(
        'Slots that jobs with the same label may use together: `license:matlab=4` for one value, `owner:*=16` for ' +
          'each value; separated by commas. By default no limits',
      ),
    GRADSMITH_ALIVE_FILE: z
      .string()
      .optional()
      .describe('File that is touched after each round that reached the ledger, for health checks'),
    GRADSMITH_KEEP_JOBS: durationSchema
      .optional()
      .describe('Age at which finished jobs are archived and removed, such as `90d`. By default none are removed'),
    GRADSMITH_ARCHIVE: z
      .string()
      .optional()
      .describe('Folder for the documents of removed jobs. Needed if GRADSMITH_KEEP_JOBS is set'),
    ...metricsEnvShape,
    ...telemetryEnvShape,
  })
  .refine(
    ({ GRADSMITH_KEEP_JOBS, GRADSMITH_ARCHIVE }) =>
      GRADSMITH_KEEP_JOBS === undefined || GRADSMITH_ARCHIVE !== undefined,
    {
      path: ['GRADSMITH_ARCHIVE'],
      message: 'must name a folder if GRADSMITH_KEEP_JOBS is set',
    },
  );

/** The coordinator's settings. Throws InvalidInput that names every variable that is missing or wrong. */
export function readEnv(): z.infer<typeof envSchema> {
  return parseEnvironment(envSchema, process.env);
}
