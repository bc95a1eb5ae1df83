import { z } from 'zod';
import type { Progress } from './progress.ts';
import type { Pruning } from './pruning.ts';

// What stored records and responses say in the same words. Apart from the types, because the processes of modules load
// no schemas.

/** Steps of programs may be any safe integer. */
export const stepSchema = z.int().min(0).describe('Step of the report');

/** A progress in a stored record or in a response. */
export const progressSchema = z.union([
  z.strictObject({
    step: stepSchema,
    partialSum: z.number().describe('The AULC so far: what it would be if all later losses were 0'),
    value: z.number().optional().describe('The metric, if it was measured at this step'),
  }),
  z.strictObject({ step: stepSchema, value: z.number().describe('The intermediate value at this step') }),
]) satisfies z.ZodType<Progress>;

export const pruningSchema = z.strictObject({
  step: stepSchema,
  value: z.number().describe('The value at this step'),
  threshold: z.number().describe('The worst value that would have let it continue'),
}) satisfies z.ZodType<Pruning>;
