import type { z } from 'zod';
import { InvalidInput } from './errors.ts';
import { toProblems } from './to-problems.ts';

/**
 * Returns the settings of a process by the schema of its environment variables. The error names every variable that is
 * missing or wrong, without its value, which may be secret. An empty variable counts as not set, because a Compose file
 * passes on a variable that is not set as an empty text.
 *
 * @throws InvalidInput
 */
export function parseEnvironment<S extends z.ZodType>(
  schema: S,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<S> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, text]) => text !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw new InvalidInput(toProblems(parsed.error, { schema }), 'the environment');
  return parsed.data;
}
