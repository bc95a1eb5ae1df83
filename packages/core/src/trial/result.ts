import { z } from 'zod';

const finite = z.number('must be a finite number');

/**
 * What an executor tells the ledger about a trial. `value` is the metric the job asked for, in its own units; for a
 * pruned trial it is the bound the true value cannot beat. Every number is finite: a diverged training reports its
 * capped value, never NaN or Infinity (JSON could not carry them).
 */
export const trialResultSchema = z.strictObject({
  outcome: z.enum(['complete', 'diverged', 'pruned']),
  value: finite,
  metrics: z.record(z.string().max(64), finite).default({}),
  /** Loss of every step, float32 little-endian, base64. Empty where the objective has no curve. */
  curve: z.base64().max(4_000_000).default(''),
  /** Backend, versions, seeds: what it takes to run the trial again. */
  provenance: z.record(z.string().max(64), z.union([z.string().max(512), finite, z.boolean()])).default({}),
});
export type TrialResult = z.infer<typeof trialResultSchema>;

/** Decodes `TrialResult.curve` to one number a step. */
export function decodeCurve(curve: string): Float32Array {
  const bytes = Uint8Array.from(atob(curve), (char) => char.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getFloat32(4 * i, true));
}

/** Encodes one number a step as `TrialResult.curve`. */
export function encodeCurve(losses: ArrayLike<number>): string {
  const view = new DataView(new ArrayBuffer(4 * losses.length));
  for (let i = 0; i < losses.length; i++) view.setFloat32(4 * i, losses[i]!, true);
  let text = '';
  for (const byte of new Uint8Array(view.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}
