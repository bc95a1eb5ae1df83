/**
 * The errors that cross a room's border. `code` is stable and machine readable, `status` is the HTTP status the API
 * answers with, `retryable` says whether the same call may succeed later without a change by the caller.
 */
export class GradsmithError extends Error {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;

  constructor(message: string, code: string, status: number, retryable = false, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.status = status;
    this.retryable = retryable;
  }
}

/** One thing wrong with an input: where (path from its root) and what to do about it. */
export interface Problem {
  path: (string | number)[];
  message: string;
}

/** The input is understood but not acceptable; raised before anything is stored. */
export class InvalidInput extends GradsmithError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], what = 'the job') {
    super(`${what} is not valid:\n${problems.map(describeProblem).join('\n')}`, 'invalid-input', 422);
    this.problems = problems;
  }
}

export class NotFound extends GradsmithError {
  constructor(what: string) {
    super(`${what} does not exist`, 'not-found', 404);
  }
}

/** The request contradicts what is stored, for example a move the job's state does not allow. */
export class Conflict extends GradsmithError {
  constructor(message: string) {
    super(message, 'conflict', 409);
  }
}

/** The ledger did not answer within its bound, or refused to write. Nothing is known to be stored; try again. */
export class LedgerUnavailable extends GradsmithError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'ledger-unavailable', 503, true, options);
  }
}

/** A stored record has a version or shape this program cannot read. */
export class CorruptRecord extends GradsmithError {
  constructor(message: string) {
    super(message, 'corrupt-record', 500);
  }
}

/** `objective.optimizer.learningRate: must be …`, the form in which command line and logs show a problem. */
export function describeProblem(problem: Problem): string {
  const place = problem.path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : i ? `.${part}` : part))
    .join('');
  return place ? `${place}: ${problem.message}` : problem.message;
}
