import type { z } from 'zod';
import { InvalidInput } from './errors.ts';
import { toProblems } from './to-problems.ts';

/**
 * Returns the settings of a process by the schema of its environment variables. The error names every variable that is
 * missing or wrong, without its value, which may be secret.
 *
 * @throws InvalidInput
 */
export function parseEnvironment<S extends z.ZodType>(schema: S, environment: unknown): z.output<S> {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) throw new InvalidInput(toProblems(parsed.error, { schema }), 'the environment');
  return parsed.data;
}
