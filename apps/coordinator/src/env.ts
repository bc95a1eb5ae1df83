import { redisEnvShape } from '@gradsmith/redis';
import { z } from 'zod';

const envSchema = z.object({
  ...redisEnvShape,
  GRADSMITH_TRIAL_LEASE_MS: z.coerce.number().int().min(1_000).default(30_000),
  GRADSMITH_COORDINATOR_LEASE_MS: z.coerce.number().int().min(1_000).default(15_000),
  GRADSMITH_EVERY_MS: z.coerce.number().int().min(50).default(2_000),
  GRADSMITH_ALIVE_FILE: z.string().optional().describe('Touched after each round that reached the ledger'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

/** The coordinator's settings. Throws with every variable that is missing or wrong. */
export function readEnv(): z.infer<typeof envSchema> {
  const parsed = envSchema.safeParse(process.env);
  if (!parsed.success) throw new Error(`the environment is not valid:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
