import { z } from 'zod';

/** Numbers that the snapshots of one trial may have together: one mebibyte in float32. */
export const MAX_RECORDED_NUMBERS = 2 ** 18;
/** Snapshots of one trial. */
export const MAX_SNAPSHOTS = 10_000;

/** The weights of one layer during a training, as `objective.record` asks for. */
export const recordingSchema = z.strictObject({
  layer: z.string().max(64).describe('Name of the layer'),
  shape: z.array(z.int().min(1)).min(1).max(4).describe('Shape of its weights'),
  steps: z
    .array(z.int().min(0))
    .min(1)
    .max(MAX_SNAPSHOTS)
    .describe('Completed steps at each snapshot, ascending; the first is 0'),
  weights: z
    .base64()
    .max(Math.ceil((MAX_RECORDED_NUMBERS * 4) / 3) * 4)
    .describe('The weights at each snapshot, one after the other: float32 little-endian, base64'),
  cosines: z
    .array(z.number().min(-1).max(1).nullable())
    .max(MAX_SNAPSHOTS)
    .describe(
      "Cosine between the layer's gradient and that of plain backpropagation, on the batch of the step after each " +
        'snapshot. null: one of them is zero. A snapshot at the end of the training has none',
    ),
});
export type Recording = z.infer<typeof recordingSchema>;

/** Returns the number of weights of a recorded layer. */
export function countRecordedWeights({ shape }: Pick<Recording, 'shape'>): number {
  return shape.reduce((product, side) => product * side, 1);
}
