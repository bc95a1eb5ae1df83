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

/** One thing wrong with an input: where (path from its root) and what to do about it. */
export interface Problem {
  path: (string | number)[];
  message: string;
}

/** The input is understood but not acceptable. It is raised before anything is stored. */
export class InvalidInput extends GradsmithError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], what = 'the job') {
    super(`${what} is not valid:\n${problems.map(describeProblem).join('\n')}`, 'invalid-input');
    this.problems = problems;
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
  const place = problem.path.map(describePathPart).join('');
  return place ? `${place}: ${problem.message}` : problem.message;
}

function describePathPart(part: string | number, index: number): string {
  if (typeof part === 'number') return `[${part}]`;
  return index > 0 ? `.${part}` : part;
}
