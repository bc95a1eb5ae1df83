import type { z } from 'zod';
import type { Problem } from '../domain/problem.ts';
import type { spaceSchema } from './search-space.ts';

/** Every item of a list of jobs has them all. */
export const MAX_LABELS = 32;
/** The time of a suggestion grows with the choices of all parameters together. */
const MAX_CHOICES = 20_000;
/** Characters of a specification with its defaults as JSON: lists, status and events read it. */
const MAX_SIZE = 1_048_576;

/** Characters of all comparisons of parameters together: each is evaluated for every point that is considered. */
const MAX_CONSTRAINTS = 4_000;

interface SizedSpec {
  labels: Readonly<Record<string, string>>;
  space: z.infer<typeof spaceSchema>;
  constraints?: readonly unknown[] | undefined;
}

/**
 * Lists what makes a specification too large to be read often. Not part of the schema, because that one also describes
 * the answers about jobs that were stored before these limits.
 */
export function checkSize(spec: SizedSpec): Problem[] {
  const problems: Problem[] = [];
  const limit = (path: string[], count: number, max: number, what: string): void =>
    void (count > max && problems.push({ path, message: `has ${count} ${what}; at most ${max} are allowed` }));
  limit(['labels'], Object.keys(spec.labels).length, MAX_LABELS, 'labels');
  limit(['space'], countChoices(spec), MAX_CHOICES, 'choices in all its parameters');
  const texts = (spec.constraints ?? []).filter((each) => typeof each === 'string');
  limit(['constraints'], texts.join('').length, MAX_CONSTRAINTS, 'characters in all comparisons');
  limit([], JSON.stringify(spec).length, MAX_SIZE, 'characters as JSON, defaults included');
  return problems;
}

function countChoices({ space }: SizedSpec): number {
  return Object.values(space).reduce<number>(
    (sum, entry) => sum + (typeof entry === 'object' && entry.type === 'categorical' ? entry.choices.length : 0),
    0,
  );
}
