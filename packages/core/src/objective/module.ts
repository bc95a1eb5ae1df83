import { z } from 'zod';
import { externalObjectiveSchema } from './external.ts';

const scalar = z.union([z.number(), z.string().max(1000), z.boolean()]);

/**
 * An objective that is a program of the workers' operator, run by them once a trial. The name is all that a job says of
 * it: it is looked up among those the operator has listed and never becomes a path.
 */
export const moduleObjectiveSchema = z.strictObject({
  kind: z.literal('module'),
  module: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9-]{0,62}$/,
      'a module name has 1 to 63 lower-case letters, digits or dashes and begins with a letter or digit; it is a name, not a path',
    ),
  metric: externalObjectiveSchema.shape.metric,
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe('Handed to the module with each point'),
  options: z
    .record(z.string().min(1).max(64), z.union([scalar, z.array(scalar).max(1000)]))
    .default({})
    .describe('Handed to the module as they are: the same in every trial'),
});

export type ModuleObjective = z.infer<typeof moduleObjectiveSchema>;

/** What names a module; the same for jobs and for files. */
export const moduleNameSchema = moduleObjectiveSchema.shape.module;

/** The runtime (see `JobRecord.runtime`) of workers that offer the module, and so the route of its trials. */
export function getModuleRuntime(module: string): string {
  return `module-${module}`;
}
