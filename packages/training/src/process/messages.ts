import { trialResultSchema } from '@gradsmith/core/domain';
import { trainingObjectiveSchema } from '@gradsmith/core/objective';
import type { Device } from '@gradsmith/core/ports';
import { z } from 'zod';
import { backendNames } from '../kernels/backend-description.ts';

/** What a trainer process is started with; it stays the same for its life. */
export const configSchema = z.strictObject({
  backend: z.enum(backendNames),
  /** Threads that share one operation, where the backend has several; all cores by default. */
  threads: z.int().min(1).max(1024).optional(),
  /** Refuse to start where the backend finds no GPU. */
  gpu: z.boolean().optional(),
  /** The NVIDIA GPU to use, as CUDA_VISIBLE_DEVICES names it; all by default. */
  cudaDevice: z.string().min(1).optional(),
  /** Where data sets and installed backends are kept. */
  cacheDir: z.string().min(1),
  /**
   * Where trainings are saved, and how often at most: at the first end of an epoch after so long. Short trials are
   * faster done again than saved.
   */
  checkpoints: z.strictObject({ folder: z.string().min(1), everyMs: z.int().nonnegative().default(15_000) }).optional(),
  /** The process ends itself when its resident memory grows beyond this. */
  memoryLimit: z.int().positive(),
});
export type TrainerConfig = z.input<typeof configSchema>;

/** From the parent: one training. */
export const requestSchema = z.strictObject({
  id: z.int().positive(),
  key: z.string(),
  objective: trainingObjectiveSchema,
  rungs: z.array(z.int().positive()).default([]),
});
export type RequestMessage = z.infer<typeof requestSchema>;

/** From the parent: the training shall end early. */
const pruneSchema = z.strictObject({ prune: z.int().positive() });

export const orderSchema = z.union([requestSchema, pruneSchema]);
export type Order = z.input<typeof orderSchema>;

/** From the trainer process. */
export const replySchema = z.discriminatedUnion('type', [
  /** The backend runs; `runtime` is its fingerprint. */
  z.strictObject({ type: z.literal('ready'), runtime: z.string(), device: z.enum(['cpu', 'gpu', 'software']) }),
  /** The backend cannot start as asked; the process ends. */
  z.strictObject({ type: z.literal('unable'), message: z.string() }),
  /** For the operator; the training goes on. */
  z.strictObject({ type: z.literal('warning'), message: z.string() }),
  z.strictObject({ type: z.literal('progress'), id: z.int(), step: z.int().nonnegative(), partialSum: z.number() }),
  z.strictObject({ type: z.literal('result'), id: z.int(), result: trialResultSchema }),
  /** The training ended with an error, the process lives on. */
  z.strictObject({ type: z.literal('failed'), id: z.int(), refused: z.boolean(), message: z.string() }),
]);
/** What a trainer process runs on. */
export interface StartedRuntime {
  runtime: string;
  device: Device;
}

export type Reply = z.infer<typeof replySchema>;
/** What a trainer process says of a training. */
export type Answer = Exclude<Reply, { type: 'ready' | 'unable' | 'warning' }>;

/** Descriptor of the pipe between parent and watchdog, behind standard streams and IPC. */
export const WATCHDOG_FD = 4;
