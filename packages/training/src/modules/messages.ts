import { trialResultSchema } from '@gradsmith/core/domain';
import { z } from 'zod';

/** Configuration of the module's process. */
export const configSchema = z.strictObject({ memoryLimit: z.int().positive(), run: z.string().min(1) });

/** Messages to the process: its one call, then possibly that the trial is pruned. */
export const orderSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('call'),
    file: z.string(),
    params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
    trial: z.int(),
    seed: z.int(),
    options: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({ type: z.literal('prune') }),
]);
export type Order = z.infer<typeof orderSchema>;

const { outcome, metrics } = trialResultSchema.shape;
const foundSchema = z.strictObject({ value: z.number(), metrics });

/** What a module may return: the value and other measurements. Without `outcome`, the process decides. */
export const returnedSchema = foundSchema.extend({ outcome: outcome.optional() });

const failedSchema = z.strictObject({ type: z.literal('failed'), refused: z.boolean(), message: z.string() });

/** Messages from the process. */
export const replySchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('progress'), step: z.int().nonnegative(), value: z.number() }),
  z.strictObject({ type: z.literal('result'), outcome, found: foundSchema }),
  failedSchema,
]);
export type Reply = z.infer<typeof replySchema>;
/** The final message of a call. */
export type End = Exclude<Reply, { type: 'progress' }>;
