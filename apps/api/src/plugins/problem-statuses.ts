/** The HTTP status of every error code that a request can be answered with. */
const statuses = new Map<string, number>([
  ['unauthorized', 401],
  ['forbidden', 403],
  ['not-found', 404],
  ['not-acceptable', 406],
  ['request-timeout', 408],
  ['conflict', 409],
  ['invalid-input', 422],
  ['forbidden-target', 422],
  ['too-many-requests', 429],
  ['corrupt-record', 500],
  ['busy', 503],
  ['ledger-unavailable', 503],
  ['unfit-redis', 503],
]);

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Returns the status for the code of a GradsmithError; 500 for a code that no request should meet. */
export function findStatus(code: string): number {
  return statuses.get(code) ?? 500;
}

export function findTitle(status: number): string {
  return titles[status] ?? 'Error';
}
