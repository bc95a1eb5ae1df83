// Without zod, so that a page can check labels before it has loaded any schema.

/** What a name of a job or a label is. */
export const namePattern = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;
export const NAME_RULE =
  'must be 1 to 64 lower-case letters, digits, dots, dashes or underscores, beginning and ending ' +
  'with a letter or digit';
/** Characters of the value of a label, at most. */
export const MAX_LABEL_VALUE = 256;

/** Returns what is wrong with the name of a job or a label, or null. */
export function describeNameProblem(name: string): string | null {
  return namePattern.test(name) ? null : `"${name}" ${NAME_RULE}`;
}

/** Returns what is wrong with a label, or null. */
export function describeLabelProblem(key: string, value: string): string | null {
  if (value.length > MAX_LABEL_VALUE) return `the value of "${key}" must have at most ${MAX_LABEL_VALUE} characters`;
  return describeNameProblem(key);
}
