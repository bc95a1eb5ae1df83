import { limitProblems } from './limit-problems.ts';
import type { Problem } from './problem.ts';

export type { Problem };

export interface ErrorTraits extends ErrorOptions {
  /** Whether the same call may succeed later although the caller changes nothing. Default: false. */
  retryable?: boolean;
}

/** An error with a stable, machine-readable `code`. The API, the CLI and the logs pass it on. */
export class GradsmithError extends Error {
  readonly code: string;
  /** Whether the same call may succeed later although the caller changes nothing. */
  readonly retryable: boolean;

  constructor(message: string, code: string, { retryable = false, ...options }: ErrorTraits = {}) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.retryable = retryable;
  }
}

/** The input is understood but not acceptable. It is raised before anything is stored. Reports a bounded text. */
export class InvalidInput extends GradsmithError {
  /** The first problems. If there are more, the last one says how many. */
  readonly problems: readonly Problem[];
  /** What is not valid, such as `the job`. */
  readonly what: string;

  constructor(problems: readonly Problem[], what = 'the job', code = 'invalid-input') {
    const reported = limitProblems(problems);
    super(`${what} is not valid:\n${reported.map(describeProblem).join('\n')}`, code);
    this.problems = reported;
    this.what = what;
  }
}

/** The input cannot be read at all: a body that is not JSON, or a text that is no id. */
export class MalformedInput extends InvalidInput {
  constructor(problems: readonly Problem[], what: string) {
    super(problems, what, 'malformed-input');
  }
}

export class NotFound extends GradsmithError {
  constructor(what: string) {
    super(`${what} does not exist`, 'not-found');
  }
}

/** The request contradicts what is stored, for example a move that the job's state does not allow. */
export class Conflict extends GradsmithError {
  constructor(message: string) {
    super(message, 'conflict');
  }
}

/** The ledger did not answer within its bound, or refused to write. It is unknown whether anything was stored. */
export class LedgerUnavailable extends GradsmithError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'ledger-unavailable', { ...options, retryable: true });
  }
}

/** This process does as much of one kind of work as it accepts at once. The ledger is not involved. */
export class Busy extends GradsmithError {
  constructor(message: string) {
    super(message, 'busy', { retryable: true });
  }
}

/** A stored record has a version or shape that this program cannot read. */
export class CorruptRecord extends GradsmithError {
  constructor(message: string) {
    super(message, 'corrupt-record');
  }
}

/** Returns `objective.optimizer.learningRate: must be …`, the form in which command line and logs show a problem. */
export function describeProblem(problem: Problem): string {
  const path = problem.in === undefined ? problem.path : [problem.in, ...problem.path];
  const place = path.map(describePathPart).join('');
  return place ? `${place}: ${problem.message}` : problem.message;
}

function describePathPart(part: string | number, index: number): string {
  if (typeof part === 'number') return `[${part}]`;
  return index > 0 ? `.${part}` : part;
}
