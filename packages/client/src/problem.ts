import type { ProblemDetails } from '@gradsmith/contract';

/** A refusal by the service: RFC 9457 problem details, or the part of them that the answer has. */
export class ApiProblem extends Error {
  /** HTTP status. */
  readonly status: number;
  /** Stable, such as `not-found`, `conflict`, `invalid-input`; `unknown` if the answer is not problem details. */
  readonly code: string;
  /** Each fault with its place in the request (its part, and a JSON pointer into that). */
  readonly problems: NonNullable<ProblemDetails['problems']>;
  /** Why the result of a trial does not count; absent for other problems. */
  readonly answer: ProblemDetails['answer'];
  /** The service's log has the request under this id. */
  readonly requestId: string | undefined;

  constructor(status: number, details: Partial<ProblemDetails>) {
    super(details.detail ?? `the service answered ${status}`);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = details.code ?? 'unknown';
    this.problems = details.problems ?? [];
    this.answer = details.answer;
    this.requestId = details.instance;
  }
}

/** The service was not reached, or its answer broke off. `cause` is the reason that the platform gives. */
export class ConnectionError extends Error {
  override name = 'ConnectionError';
}

/** The service was reached but did not answer in time. */
export class NoAnswer extends ConnectionError {
  override name = 'NoAnswer';
  /** Time limit of the last try. */
  readonly timeoutMs: number;

  constructor(address: string, timeoutMs: number) {
    super(`${address} did not answer within ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}

/** Reads the problem from an answer, also from one of a proxy that is not JSON. */
export async function readProblem(response: Response): Promise<ApiProblem> {
  const details = await response.json().catch(() => ({}));
  return new ApiProblem(
    response.status,
    typeof details === 'object' && details !== null ? (details as Partial<ProblemDetails>) : {},
  );
}

/** Returns what a failed connection is reported as. */
export function toConnectionError(error: unknown): ConnectionError {
  if (error instanceof ConnectionError) return error;
  if (!(error instanceof Error)) return new ConnectionError(String(error));
  return new ConnectionError(error.message, { cause: error.cause ?? error });
}

/** Returns whether the same call may succeed later: the service was not reached, was busy, or failed. */
export function isTransient(error: unknown): boolean {
  if (error instanceof ApiProblem) return error.status >= 500 || error.status === 429;
  return error instanceof ConnectionError;
}
