import { z } from 'zod';
import type { RedisSettings } from './settings.ts';

/** The environment variables of every process that uses Redis. Each app reads them in its `env.ts`. */
export const redisEnvShape = {
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'must look like redis://user:password@host:6379' })
    .describe('Address of the Redis that holds the ledger, such as `redis://user@host:6379`; `rediss://` for TLS'),
  REDIS_PASSWORD_FILE: z.string().optional().describe('File with the password, instead of one in the URL'),
  REDIS_CA_FILE: z
    .string()
    .optional()
    .describe('File with the certificate authority of a rediss:// server, if it is not a public one'),
  GRADSMITH_ALLOW_VOLATILE_REDIS: z
    .stringbool()
    .optional()
    .describe('`1` accepts a Redis that can forget writes that it has acknowledged'),
  GRADSMITH_ALLOW_REDIS_FAILOVER: z
    .stringbool()
    .optional()
    .describe('`1` accepts a Redis whose failover can roll writes back'),
};

export function redisSettings(env: z.infer<z.ZodObject<typeof redisEnvShape>>): RedisSettings {
  return {
    url: env.REDIS_URL,
    passwordFile: env.REDIS_PASSWORD_FILE,
    caFile: env.REDIS_CA_FILE,
    allowVolatile: env.GRADSMITH_ALLOW_VOLATILE_REDIS,
    allowFailover: env.GRADSMITH_ALLOW_REDIS_FAILOVER,
  };
}
