import type { z } from 'zod';
import type { Problem } from './errors.ts';

/** A zod issue as problems: unknown keys each at their own place, a union's issues at the branch that came closest. */
export function toProblems(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: 'is not a known field; remove it or correct its name',
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length) {
    const closest = [...issue.errors].sort((a, b) => measureDepth(b) - measureDepth(a) || a.length - b.length)[0]!;
    if (closest.length)
      return closest.flatMap((inner) => toProblems({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  return [
    { path, message: issue.code === 'invalid_type' ? wrongType(issue) : issue.message.replace(" | 'undefined'", '') },
  ];
}

/** JSON has no undefined: what is of that type is not there. */
function wrongType({ expected, message }: z.core.$ZodIssueInvalidType): string {
  const received = /received (.+)$/.exec(message)?.[1];
  if (received === undefined) return message;
  return received === 'undefined'
    ? `is missing; give it (type ${expected})`
    : `must be of type ${expected}, not ${received}`;
}

function measureDepth(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((depth, { path }) => Math.max(depth, path.length), 0);
}
