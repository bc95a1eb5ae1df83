import { trialResultSchema } from '@gradsmith/core/domain';
import type { ModuleCall } from '@gradsmith/core/ports';
import { z } from 'zod';

/** Configuration of a module's process. */
export interface ModuleConfig {
  /** Resident bytes that it may use. */
  memoryLimit: number;
  /** Marks the processes that it starts. */
  run: string;
}

/** Messages to the process: its one call, then possibly that the trial is pruned. */
export type Order =
  | ({ type: 'call'; file: string } & Pick<ModuleCall, 'params' | 'trial' | 'seed' | 'options'>)
  | { type: 'prune' };

const { outcome, metrics } = trialResultSchema.shape;

/** What a call may return. */
export const resultSchema = z.strictObject({ value: z.number(), metrics, outcome });

/** What was returned, for people: JSON has no NaN and no undefined. */
const shown = z.string().max(1_000).optional();

/** Messages from the process. The module can send on the same channel. */
export const replySchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('progress'), step: z.int().nonnegative(), value: z.number() }),
  z.strictObject({ type: z.literal('returned'), result: z.record(z.string(), z.unknown()), shown }),
  z.strictObject({ type: z.literal('failed'), refused: z.boolean(), message: z.string() }),
]);
export type Reply = z.infer<typeof replySchema>;
/** The final message of a call. */
export type End = Exclude<Reply, { type: 'progress' }>;
