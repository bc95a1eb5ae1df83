import { problemKinds } from './problem-kinds.ts';

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Returns the status for the code of a GradsmithError; 500 for a code that no request should meet. */
export function findStatus(code: string): number {
  return problemKinds[code]?.status ?? 500;
}

export function findTitle(status: number): string {
  return titles[status] ?? 'Error';
}
