import { trialResultSchema } from '@gradsmith/core/domain';
import { trainingObjectiveSchema } from '@gradsmith/core/objective';
import type { Device } from '@gradsmith/core/ports';
import { z } from 'zod';
import { backendNames } from '../kernels/backend-description.ts';

export const oneDnnModeSchema = z.strictObject({ options: z.string(), isa: z.string().optional() });

/** Configuration of a trainer process, fixed for its lifetime. */
export const configSchema = z.strictObject({
  backend: z.enum(backendNames),
  /** Threads that share one operation, if the backend supports several; by default all cores. */
  threads: z.int().min(1).max(1024).optional(),
  /** Refuse to start if the backend finds no GPU. */
  gpu: z.boolean().optional(),
  /** The NVIDIA GPU to use, as in CUDA_VISIBLE_DEVICES; by default all. */
  cudaDevice: z.string().min(1).optional(),
  /** tensorflow: how to use oneDNN; by default as the probe of this machine says. */
  oneDnn: oneDnnModeSchema.optional(),
  /** Folder of data sets and installed backends. */
  cacheDir: z.string().min(1),
  /**
   * Where to save trainings, and how often at most: at the first end of an epoch after this time. Repeating a short
   * trial is faster than saving it.
   */
  checkpoints: z.strictObject({ folder: z.string().min(1), everyMs: z.int().nonnegative().default(15_000) }).optional(),
  /** The process exits when its resident memory exceeds this. */
  memoryLimit: z.int().positive(),
});
export type TrainerConfig = z.input<typeof configSchema>;

/** Request of the parent: one training. */
export const requestSchema = z.strictObject({
  id: z.int().positive(),
  key: z.string(),
  objective: trainingObjectiveSchema,
  rungs: z.array(z.int().positive()).default([]),
});
export type RequestMessage = z.infer<typeof requestSchema>;

/** Request of the parent: prune the training. */
const pruneSchema = z.strictObject({ prune: z.int().positive() });

export const orderSchema = z.union([requestSchema, pruneSchema]);
export type Order = z.input<typeof orderSchema>;

/** Messages from the trainer process. */
export const replySchema = z.discriminatedUnion('type', [
  /** The backend has started; `runtime` describes it. */
  z.strictObject({ type: z.literal('ready'), runtime: z.string(), device: z.enum(['cpu', 'gpu', 'software']) }),
  /** The backend cannot start as requested; the process exits. */
  z.strictObject({ type: z.literal('unable'), message: z.string() }),
  /** A warning for the operator; the training continues. */
  z.strictObject({ type: z.literal('warning'), message: z.string() }),
  z.strictObject({
    type: z.literal('progress'),
    id: z.int(),
    step: z.int().nonnegative(),
    partialSum: z.number(),
    value: z.number().optional(),
  }),
  z.strictObject({ type: z.literal('result'), id: z.int(), result: trialResultSchema }),
  /** The training failed with an error; the process continues. */
  z.strictObject({
    type: z.literal('failed'),
    id: z.int(),
    refused: z.boolean(),
    code: z.string(),
    message: z.string(),
  }),
]);
/** What a trainer process runs on. */
export interface StartedRuntime {
  runtime: string;
  device: Device;
}

export type Reply = z.infer<typeof replySchema>;
/** A message of a trainer process about a training. */
export type Answer = Exclude<Reply, { type: 'ready' | 'unable' | 'warning' }>;
