import { ApiProblem, ConnectionError, NoAnswer } from '@gradsmith/client';

export function describeError(error: unknown): string {
  if (error instanceof NoAnswer) return 'the service does not answer';
  if (error instanceof ConnectionError) return 'the service cannot be reached';
  return error instanceof Error ? error.message : String(error);
}

export function isUnknown(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 404;
}

export function wantsKey(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 401;
}
