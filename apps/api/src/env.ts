import { parseEnvironment } from '@gradsmith/core/domain';
import { redisEnvShape } from '@gradsmith/redis';
import { telemetryEnvShape } from '@gradsmith/telemetry';
import { z } from 'zod';
import { authModes } from './keys/access.ts';
import { defaultSettings } from './settings.ts';

export const envSchema = z.object({
  ...redisEnvShape,
  GRADSMITH_HOST: z.string().default('127.0.0.1').describe('Address to listen on'),
  GRADSMITH_PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe('Port to listen on'),
  GRADSMITH_AUTH: z
    .enum(authModes)
    .optional()
    .describe(
      'Whether requests need a key: `keys`; `open`, on a loopback address only; or ' +
        '`open-behind-proxy`, if a proxy controls the access. By default `keys` if there is a key file, ' +
        'otherwise `open`',
    ),
  GRADSMITH_KEYS_FILE: z
    .string()
    .optional()
    .describe('File with the keys, made with `make-key`; read again when it changes'),
  GRADSMITH_HOST_NAMES: z
    .string()
    .optional()
    .transform((text) =>
      text
        ?.split(',')
        .map((name) => name.trim().toLowerCase())
        .filter(Boolean),
    )
    .describe(
      'Host names under which the service answers without keys, in addition to localhost, separated by commas. ' +
        'By default none, or any with `open-behind-proxy`',
    ),
  GRADSMITH_REQUESTS_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .default(defaultSettings.perMinute)
    .describe('Requests per minute of each key, or of each address without a key'),
  GRADSMITH_MAX_TRIAL_FLOPS: z.coerce
    .number()
    .positive()
    .default(defaultSettings.maxTrialFlops)
    .describe(
      'Floating-point operations that one trial may cost. Jobs with more expensive trials are refused. By default ' +
        '`1e17`',
    ),
  GRADSMITH_WEBHOOK_SECRET_FILE: z
    .string()
    .optional()
    .describe('File with the secret that signs webhooks, at least 24 bytes. By default no webhooks are sent'),
  GRADSMITH_WEBHOOK_ALLOW: z
    .string()
    .optional()
    .describe('Private address ranges that webhooks may reach, such as 10.1.2.0/24, separated by commas'),
  GRADSMITH_DASHBOARD: z
    .string()
    .default(defaultSettings.dashboard ?? '')
    .describe('Folder of the built web page. By default `apps/dashboard/dist`'),
  ...telemetryEnvShape,
});

/** The API's settings. Throws InvalidInput that names every variable that is missing or wrong. */
export function readEnv(): z.infer<typeof envSchema> {
  return parseEnvironment(envSchema, process.env);
}
