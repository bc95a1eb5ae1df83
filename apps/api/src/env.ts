import { redisEnvShape } from '@gradsmith/redis';
import { z } from 'zod';

const envSchema = z.object({
  ...redisEnvShape,
  GRADSMITH_HOST: z.string().default('127.0.0.1').describe('Address to listen on'),
  GRADSMITH_PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

/** The API's settings. Throws with every variable that is missing or wrong. */
export function readEnv(): z.infer<typeof envSchema> {
  const parsed = envSchema.safeParse(process.env);
  if (!parsed.success) throw new Error(`the environment is not valid:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
