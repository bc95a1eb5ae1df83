import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { parseEnvironment, trialLeaseSchema } from '@gradsmith/core/domain';
import { workerLabelsSchema } from '@gradsmith/core/spec';
import { redisEnvShape } from '@gradsmith/redis';
import { metricsEnvShape, telemetryEnvShape } from '@gradsmith/telemetry';
import { backendNames, gpuModes } from '@gradsmith/training/process';
import { z } from 'zod';

const cacheEnv = z.object({
  GRADSMITH_CACHE: z
    .string()
    .default(join(homedir(), '.cache', 'gradsmith'))
    .describe('Folder of data sets and installed backends. By default `~/.cache/gradsmith`'),
});

/** The only setting of the program that fills the cache. */
export function dataEnv(): z.infer<typeof cacheEnv> {
  return parseEnvironment(cacheEnv, process.env);
}

export const envSchema = cacheEnv.extend({
  ...redisEnvShape,
  GRADSMITH_BACKEND: z.enum(backendNames).default('wasm').describe('Backend that trains, in every slot'),
  GRADSMITH_SLOTS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe('Trials trained at once, each in its own process'),
  GRADSMITH_WORKER_NAME: z
    .string()
    .default(hostname())
    .describe("Name of the worker in lists and logs. By default the host's name"),
  GRADSMITH_LABELS: workerLabelsSchema
    .default([])
    .describe('Names that jobs can ask for, separated by commas, such as `a100,zone-b`. By default none'),
  GRADSMITH_TRIAL_LEASE_MS: trialLeaseSchema,
  GRADSMITH_MODULES: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Folder of modules that jobs may have run here: NAME.ts, NAME.js or NAME.mjs directly in it. By default none',
    ),
  GRADSMITH_GPU: z
    .enum(gpuModes)
    .default('auto')
    .describe(
      'How GPUs are used. `auto`: the device that the backend finds; `lease`: every slot has its own NVIDIA GPU, or ' +
        'the worker does not start; `require`: the slots share a GPU that the backend finds (`webgpu`: of any ' +
        'vendor), or the worker does not start',
    ),
  GRADSMITH_CHECKPOINTS: z
    .string()
    .min(1)
    .optional()
    .describe('Folder for checkpoints of long trainings, from which the next attempt continues. By default none'),
  GRADSMITH_ALIVE_FILE: z
    .string()
    .optional()
    .describe('File that is touched whenever the worker has announced itself, for health checks'),
  ...metricsEnvShape,
  ...telemetryEnvShape,
});

/** The worker's settings. Throws InvalidInput that names every variable that is missing or wrong. */
export function readEnv(): z.infer<typeof envSchema> {
  return parseEnvironment(envSchema, process.env);
}
