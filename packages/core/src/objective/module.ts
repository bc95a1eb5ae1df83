import { z } from 'zod';
import { externalObjectiveSchema } from './external.ts';

const scalar = z.union([z.number(), z.string().max(1000), z.boolean()]);

/**
 * An objective that is a program of the workers' operator, run once per trial. A job gives only its name, which is
 * looked up among the listed modules and never becomes a path.
 */
export const moduleObjectiveSchema = z.strictObject({
  kind: z.literal('module').describe('The workers run a module of their operator once for each trial'),
  module: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9-]{0,62}$/,
      'a module name has 1 to 63 lower-case letters, digits or dashes and begins with a letter or ' +
        'digit; it is a name, not a path',
    )
    .describe(
      'Name of the module: `NAME.ts`, `NAME.js` or `NAME.mjs` in the folder that the operator of the workers has ' +
        'set; ' +
        'never a path',
    ),
  metric: externalObjectiveSchema.shape.metric.describe(
    '`{ name, direction }` of the value that the module returns; direction is `minimize` or `maximize`',
  ),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe('Given to the module with each point'),
  options: z
    .record(z.string().min(1).max(64), z.union([scalar, z.array(scalar).max(1000)]))
    .default({})
    .describe('Given to the module unchanged, the same in every trial'),
});

export type ModuleObjective = z.infer<typeof moduleObjectiveSchema>;

/** Name of a module, in jobs and as a file. */
export const moduleNameSchema = moduleObjectiveSchema.shape.module;

/** Returns the runtime (see `JobRecord.runtime`) of workers that offer the module. */
export function getModuleRuntime(module: string): string {
  return `module-${module}`;
}
