import { createSpace, type SpaceDefinition } from '@gradsmith/bayesopt';
import { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { pointSchema } from '../domain/point.ts';

const knownResultSchema = z
  .strictObject({
    point: pointSchema,
    outcome: z.enum(['complete', 'diverged', 'pruned', 'failed']).default('complete'),
    value: z
      .number()
      .optional()
      .describe('In the units of the metric; a bound for a pruned one; none for a failed one'),
  })
  .refine(({ outcome, value }) => (outcome === 'failed') === (value === undefined), {
    path: ['value'],
    message: 'every result but a failed one has a value',
  });

/**
 * Results the optimizer knows before the first trial, from an earlier job or from elsewhere. They are part of the
 * specification and never change, so every suggestion can be computed again (property 4). Neither budget nor best count
 * them.
 */
export const knownSchema = z
  .array(knownResultSchema)
  .max(500)
  .default([])
  .describe('Results from elsewhere that the optimizer starts from; outside the budget');
export type KnownResult = z.infer<typeof knownResultSchema>;

/** Known points that are not points of the space; paths start at the job. */
export function checkKnownResults(known: readonly KnownResult[], definition: SpaceDefinition): Problem[] {
  if (!known.length) return [];
  const space = createSpace(definition);
  return known.flatMap(({ point }, i) =>
    space.contains(point)
      ? []
      : [
          {
            path: ['search', 'known', i, 'point'],
            message: `is not a point of the space, which has ${Object.keys(definition).join(', ')}`,
          },
        ],
  );
}
