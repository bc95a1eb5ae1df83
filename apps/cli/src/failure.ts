import { exitCodes, type ExitCode } from './exit-codes.ts';
import { cleanText } from './text/clean.ts';

/** Ends the command with one message: what is wrong, where, and what to do. */
export class Failure extends Error {
  readonly exitCode: ExitCode;
  /** Stable and machine readable, for `--json`. */
  readonly code: string;

  constructor(exitCode: ExitCode, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Failure';
    this.exitCode = exitCode;
    this.code = code;
  }
}

/** An error as the user sees it, also with `--json`. */
export interface DescribedError {
  exitCode: ExitCode;
  code: string;
  message: string;
  /** For invalid input: what is wrong, and where. */
  problems?: { path: (string | number)[]; message: string }[];
}

/** Describes an error for the user. Only faults of the program are called so and have a stack trace. */
export function describeError(error: unknown): DescribedError {
  if (error instanceof Failure)
    return { exitCode: error.exitCode, code: error.code, message: cleanText(error.message) };
  if (isKnown(error)) {
    const described: DescribedError = {
      exitCode: chooseExitCode(error),
      code: error.code,
      message: cleanText(error.message),
    };
    if (Array.isArray(error.problems)) described.problems = error.problems as DescribedError['problems'] & {};
    return described;
  }
  const system = systemError(error);
  if (system) return system;
  const message = error instanceof Error ? error.message : String(error);
  return {
    exitCode: exitCodes.fault,
    code: 'fault',
    message:
      `this is a fault of gradsmith: ${cleanText(message)}\nSet GRADSMITH_DEBUG=1 and run it again for the ` +
      `stack trace.`,
  };
}

/** An error of core, recognized by its shape, so that this file loads without core. */
interface KnownError extends Error {
  code: string;
  retryable: boolean;
  /** The HTTP status if a service refused the call. */
  status?: number;
  problems?: unknown;
}

function isKnown(error: unknown): error is KnownError {
  return error instanceof Error && 'retryable' in error && 'code' in error;
}

const exitCodesByErrorCode = new Map<string, ExitCode>([
  ['not-found', exitCodes.notFound],
  ['conflict', exitCodes.refused],
  ['data-set-missing', exitCodes.refused],
  ['corrupt-record', exitCodes.failed],
  ['trainer-refused', exitCodes.failed],
]);
const refusedStatuses: readonly number[] = [401, 403, 409, 429];
const unavailableStatuses: readonly number[] = [502, 503, 504];

function chooseExitCode({ code, status = 0, retryable }: KnownError): ExitCode {
  if (status === 404) return exitCodes.notFound;
  if (refusedStatuses.includes(status)) return exitCodes.refused;
  if (retryable || unavailableStatuses.includes(status)) return exitCodes.unavailable;
  if (status >= 500) return exitCodes.fault;
  return exitCodesByErrorCode.get(code) ?? exitCodes.usage;
}

const systemRemedies: Readonly<Record<string, [ExitCode, string]>> = {
  ENOENT: [exitCodes.notFound, 'does not exist; check the path'],
  EACCES: [exitCodes.refused, 'may not be read or written by this user; check its permissions'],
  EPERM: [exitCodes.refused, 'may not be read or written by this user; check its permissions'],
  EROFS: [exitCodes.refused, 'lies on a file system that is read-only; choose another place'],
  EISDIR: [exitCodes.usage, 'is a folder; name a file'],
  ENOTDIR: [exitCodes.usage, 'has a file where a folder is needed; check the path'],
  EEXIST: [exitCodes.refused, 'exists already; choose another name'],
  ENOSPC: [exitCodes.failed, 'could not be written: the disk is full; free space there, and repeat the command'],
  EDQUOT: [exitCodes.failed, 'could not be written: the disk quota is used up; free space there, or raise the quota'],
  EIO: [exitCodes.failed, 'could not be read or written: check the disk'],
};

function systemError(error: unknown): DescribedError | undefined {
  const { code, path } = (error ?? {}) as { code?: unknown; path?: unknown };
  const remedy = typeof code === 'string' ? systemRemedies[code] : undefined;
  if (!remedy || typeof code !== 'string') return undefined;
  return {
    exitCode: remedy[0],
    code: code.toLowerCase(),
    message: `${typeof path === 'string' ? path : 'a file'} ${remedy[1]}`,
  };
}
