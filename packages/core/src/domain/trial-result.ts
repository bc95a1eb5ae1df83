import { z } from 'zod';
import { MAX_COUNTED_LAYERS, preActivationsSchema } from './pre-activations.ts';
import { recordingSchema } from './recording.ts';

const finite = z.number('must be a finite number');

/** Losses that a result holds, at most. */
export const LONGEST_CURVE = 750_000;

/**
 * What an executor reports to the ledger about a trial. `value` is the metric of the job, in its own units; for a
 * pruned trial it is the bound the true value cannot beat. Every number is finite: a diverged training reports its
 * capped value, never NaN or Infinity (JSON could not carry them).
 */
export const trialResultSchema = z.strictObject({
  outcome: z
    .enum(['complete', 'diverged', 'pruned'])
    .describe('complete: measured in full. diverged: the loss became infinite. pruned: stopped early'),
  value: finite.describe('The metric; for a pruned trial, a bound that it cannot beat'),
  metrics: z
    .record(z.string().min(1).max(64), finite)
    .default({})
    .describe('Further values by name; the optimizer does not use them'),
  curve: z
    .base64()
    .max((LONGEST_CURVE * 4 * 4) / 3)
    .default('')
    .describe('Loss of every step, float32 little-endian, base64. Empty where the objective has no curve'),
  preActivations: z
    .array(preActivationsSchema)
    .max(MAX_COUNTED_LAYERS)
    .optional()
    .describe('Where the inputs of layers with a replaced derivative lie'),
  recording: recordingSchema.optional().describe('Weights of a layer during the training, if the job records them'),
  provenance: z
    .record(z.string().max(64), z.union([z.string().max(512), finite, z.boolean()]))
    .default({})
    .describe('Backend, versions, seeds: what is needed to run the trial again'),
});
export type TrialResult = z.infer<typeof trialResultSchema>;

const LARGEST_FLOAT32 = 2 ** 128 - 2 ** 104;

/** Whether the number is finite in a curve, too. */
export function fitsCurve(value: number): boolean {
  return Number.isFinite(Math.fround(value));
}

/**
 * Decodes `TrialResult.curve` to one number a step. All are finite, as JSON has no others: what is not (a document from
 * elsewhere may hold it) is taken for the largest number of its sign.
 */
export function decodeCurve(curve: string): Float32Array {
  const bytes = Uint8Array.from(atob(curve), (char) => char.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length >> 2 }, (_, i) => {
    const value = view.getFloat32(4 * i, true);
    if (Number.isFinite(value)) return value;
    return value < 0 ? -LARGEST_FLOAT32 : LARGEST_FLOAT32;
  });
}

/** Encodes one number a step as `TrialResult.curve`; each must fit (see `fitsCurve`). */
export function encodeCurve(losses: ArrayLike<number>): string {
  const view = new DataView(new ArrayBuffer(4 * losses.length));
  for (let i = 0; i < losses.length; i++) view.setFloat32(4 * i, losses[i]!, true);
  let text = '';
  for (const byte of new Uint8Array(view.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}
