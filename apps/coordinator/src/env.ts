import { durationSchema, parseEnvironment, slotLimitsSchema } from '@gradsmith/core/domain';
import { redisEnvShape } from '@gradsmith/redis';
import { metricsEnvShape, telemetryEnvShape } from '@gradsmith/telemetry';
import { z } from 'zod';

export const envSchema = z
  .object({
    ...redisEnvShape,
    GRADSMITH_TRIAL_LEASE_MS: z.coerce.number().int().min(1_000).default(30_000),
    GRADSMITH_COORDINATOR_LEASE_MS: z.coerce.number().int().min(1_000).default(15_000),
    GRADSMITH_EVERY_MS: z.coerce.number().int().min(50).default(2_000),
    GRADSMITH_SUGGESTION_LIMIT_MS: z.coerce
      .number()
      .int()
      .min(100)
      .default(60_000)
      .describe('Time limit of a suggestion. After it, a random point takes its place, with the reason'),
    GRADSMITH_SUGGESTION_THREADS: z.coerce
      .number()
      .int()
      .min(1)
      .max(256)
      .optional()
      .describe(
        'Suggestions computed at once, without slow ones. Default: one less than the processors, and at most one for ' +
          'each 64 MiB of a memory limit',
      ),
    GRADSMITH_SLOT_LIMITS: slotLimitsSchema
      .default([])
      .describe(
        'Slots that jobs with the same label may use together: license:matlab=4 for one value, owner:*=16 for each ' +
          'value; separated by commas. No limits by default',
      ),
    GRADSMITH_ALIVE_FILE: z.string().optional().describe('Touched after each round that reached the ledger'),
    GRADSMITH_KEEP_JOBS: durationSchema
      .optional()
      .describe('Finished jobs older than this, for example 90d, are archived and removed. By default they are kept'),
    GRADSMITH_ARCHIVE: z.string().optional().describe('Folder for the documents of removed jobs'),
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
