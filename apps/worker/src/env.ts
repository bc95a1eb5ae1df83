import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { redisEnvShape } from '@gradsmith/redis';
import { z } from 'zod';

const envSchema = z.object({
  ...redisEnvShape,
  GRADSMITH_BACKEND: z.enum(['auto', 'wasm', 'cpu', 'tensorflow', 'webgpu']).default('auto'),
  GRADSMITH_SLOTS: z.coerce.number().int().min(1).max(64).default(1).describe('Trials trained at once, each in a process of its own'),
  GRADSMITH_CACHE: z.string().default(join(homedir(), '.cache', 'gradsmith')).describe('Folder of the data sets'),
  GRADSMITH_WORKER_NAME: z.string().default(hostname()),
  GRADSMITH_TRIAL_LEASE_MS: z.coerce.number().int().min(1_000).default(30_000),
  GRADSMITH_ALIVE_FILE: z.string().optional().describe('Touched whenever the worker has announced itself'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

/** The worker's settings. Throws with every variable that is missing or wrong. */
export function readEnv(): z.infer<typeof envSchema> {
  const parsed = envSchema.safeParse(process.env);
  if (!parsed.success) throw new Error(`the environment is not valid:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
