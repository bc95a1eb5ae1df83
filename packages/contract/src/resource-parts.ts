// Parts of response bodies. Times are ISO 8601 in UTC; values are finite numbers in the metric's units.
import { z } from 'zod';

export const time = z.iso.datetime();
export const jobId = z.string().describe('Id of the job');
export const trialId = z.string().describe('Id of the trial');
export const point = z
  .record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
  .describe('Value of every parameter, in its own units');

/** One page of a list; `next` is the cursor of the page after it. */
export function createPageSchema<T extends z.ZodType>(
  item: T,
): z.ZodObject<{ items: z.ZodArray<T>; next: z.ZodNullable<z.ZodString> }> {
  return z.strictObject({
    items: z.array(item).describe('The page'),
    next: z.string().nullable().describe('`cursor` of the next page; null on the last'),
  });
}
