import type { Problem } from './problem.ts';

/** Problems that one error reports. */
const MAX_PROBLEMS = 50;
/** Characters of all problems that one error reports, without the first. */
const MAX_TEXT = 20_000;
/** Characters of one message. */
const MAX_MESSAGE = 2_000;
/** Characters of one name in a path. */
const MAX_NAME = 100;
/** Names in a path. */
const MAX_DEPTH = 64;

/**
 * Returns the first problems, with long names and messages cut, so that no input makes an error large. If there are
 * more, a last problem without a path says how many.
 */
export function limitProblems(problems: readonly Problem[]): readonly Problem[] {
  const kept: Problem[] = [];
  let length = 0;
  for (const problem of problems) {
    // A single further one is listed instead of counted: limiting twice changes nothing.
    const isLast = kept.length === problems.length - 1;
    if (!isLast && (kept.length >= MAX_PROBLEMS || length > MAX_TEXT)) break;
    const shortened = shortenProblem(problem);
    kept.push(shortened);
    length += shortened.message.length + shortened.path.reduce<number>((sum, name) => sum + String(name).length, 0);
  }
  const others = problems.length - kept.length;
  if (others === 0) return kept;
  const message = `${others} more ${others === 1 ? 'problem is' : 'problems are'} not listed; correct these first`;
  return [...kept, { path: [], message }];
}

function shortenProblem({ path, message, ...place }: Problem): Problem {
  return {
    ...place,
    path: path.slice(0, MAX_DEPTH).map((name) => (typeof name === 'string' ? shortenText(name, MAX_NAME) : name)),
    message: shortenText(message, MAX_MESSAGE),
  };
}

/** Returns the text, or its beginning and an ellipsis if it has more than `max` characters. */
export function shortenText(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
