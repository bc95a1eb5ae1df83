import { z } from 'zod';

/** Bins of a distribution of pre-activations inside its range. */
const BINS = 40;
/** The smallest range is −5 to 5; larger ones are powers of two times it. */
const SMALLEST_LIMIT = 5;
/** Share of the values that may be outside the range. */
const OUTSIDE = 0.01;
/** Layers of one trial whose pre-activations are counted. */
export const MAX_COUNTED_LAYERS = 16;

const distribution = z.strictObject({
  limit: z.number().positive().describe('The bins are of equal width, from −limit to limit'),
  counts: z
    .array(z.int().min(0))
    .length(BINS + 2)
    .describe('Inputs below −limit, in each of 40 bins, and from limit on'),
});

/** Where the inputs z of a layer with a replaced derivative lie, at moments of a training. */
export const preActivationsSchema = z.strictObject({
  layer: z.string().max(64).describe('Name of the layer'),
  moments: z
    .array(distribution.extend({ step: z.int().min(0).describe('Completed steps') }))
    .min(1)
    .max(2)
    .describe('After the first epoch and at the end'),
});
export type PreActivations = z.infer<typeof preActivationsSchema>;

/**
 * Counts values in bins. The range is the smallest that has at most 1 % of them outside.
 *
 * @returns null if a value is not finite
 */
export function countPreActivations(values: ArrayLike<number>): z.infer<typeof distribution> | null {
  const limit = findLimit(values);
  if (limit === null) return null;
  const counts = Array.from({ length: BINS + 2 }, () => 0);
  const scale = BINS / (2 * limit);
  for (let i = 0; i < values.length; i++) {
    // The last bin inside the range includes its upper end.
    const bin = values[i] === limit ? BINS : Math.floor((values[i]! + limit) * scale) + 1;
    counts[Math.min(BINS + 1, Math.max(0, bin))]!++;
  }
  return { limit, counts };
}

function findLimit(values: ArrayLike<number>): number | null {
  /** Number of values by the power of two that their limit needs. */
  const sizes: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (!Number.isFinite(size)) return null;
    const power = size <= SMALLEST_LIMIT ? 0 : Math.ceil(Math.log2(size / SMALLEST_LIMIT));
    sizes[power] = (sizes[power] ?? 0) + 1;
  }
  let power = sizes.length - 1;
  let outside = sizes[power] ?? 0;
  while (power > 0 && outside <= OUTSIDE * values.length) outside += sizes[--power] ?? 0;
  return SMALLEST_LIMIT * 2 ** Math.max(0, power);
}
