/** A kind of problem that a request can be answered with. `docs/problems.md` has the same text. */
export interface ProblemKind {
  status: number;
  meaning: string;
  remedy: string;
}

/** Every kind by its code. The `type` of a problem is `/problems/CODE`, where the service serves a page about it. */
export const problemKinds: Readonly<Record<string, ProblemKind>> = {
  'malformed-input': {
    status: 400,
    meaning: 'The body is not JSON, or an id in the path has a form that no id has',
    remedy: 'Correct the place that `problems` names',
  },
  'bad-request': {
    status: 400,
    meaning: 'The request is not HTTP that the service understands, for example a path with an invalid escape',
    remedy: 'Correct the request',
  },
  unauthorized: {
    status: 401,
    meaning: 'The request has no key, or one that the service does not know',
    remedy: 'Send `Authorization: Bearer gs_…` with a key of this service',
  },
  forbidden: {
    status: 403,
    meaning: 'The key does not have the scope of the operation, or a web page of another origin sent the request',
    remedy: 'Use a key with the scope that `detail` names',
  },
  'not-found': {
    status: 404,
    meaning: 'The path, the job or the trial does not exist',
    remedy: 'Check the id. A deleted job is not found either',
  },
  'method-not-allowed': {
    status: 405,
    meaning: 'The path exists, but not with this method',
    remedy: 'Use a method of the `Allow` header',
  },
  'not-acceptable': {
    status: 406,
    meaning: 'The `Accept` header excludes the type of the answer',
    remedy: 'Accept the type that `detail` names, or send no `Accept`',
  },
  'request-timeout': {
    status: 408,
    meaning: 'The body did not arrive in time',
    remedy: 'Send the request again, faster',
  },
  conflict: {
    status: 409,
    meaning: 'The request contradicts what is stored, for example the state of the job',
    remedy: 'Read the job, and decide again',
  },
  stale: {
    status: 409,
    meaning: 'The attempt does not have the trial any more: its lease expired, or the trial has settled',
    remedy: 'Drop the result and ask for another trial. Send heartbeats to keep the lease of a long trial',
  },
  'result-conflict': {
    status: 409,
    meaning: 'This attempt has already reported another result, which stays',
    remedy: 'Drop the result. Report each result once',
  },
  'body-too-large': { status: 413, meaning: 'The body is larger than the service accepts', remedy: 'Send less' },
  'unsupported-media-type': {
    status: 415,
    meaning: 'The body was not sent as JSON',
    remedy: 'Send `Content-Type: application/json`',
  },
  'invalid-input': {
    status: 422,
    meaning: 'The request was read, but it is not valid',
    remedy: 'Correct each place that `problems` names',
  },
  'forbidden-target': {
    status: 422,
    meaning: 'The operator does not allow the address of the webhook',
    remedy: 'Use a public address, or ask the operator to allow it',
  },
  'too-many-requests': {
    status: 429,
    meaning: 'The caller sent more requests in a minute than it may',
    remedy: 'Wait for the seconds of `Retry-After`',
  },
  internal: {
    status: 500,
    meaning: 'The service failed. Its log has the cause under the id in `instance`',
    remedy: 'Give the id to the operator',
  },
  'corrupt-record': {
    status: 500,
    meaning: 'A stored record cannot be read',
    remedy: 'The operator has to restore the job, or delete it',
  },
  busy: {
    status: 503,
    meaning: 'The service does as much of this work as it accepts at once',
    remedy: 'Wait for the seconds of `Retry-After`',
  },
  'ledger-unavailable': {
    status: 503,
    meaning: 'The database did not answer. It is unknown whether a change was stored',
    remedy: 'Send the same request again: every call may be repeated',
  },
  'unfit-redis': {
    status: 503,
    meaning: 'The database is not configured as the service needs it',
    remedy: 'The operator has to change its configuration',
  },
};

/** Returns the code for a status whose error has no code of this service. */
export function findCode(status: number): string {
  if (status === 400) return 'bad-request';
  const found = Object.entries(problemKinds).find(([, kind]) => kind.status === status);
  return found?.[0] ?? (status < 500 ? 'bad-request' : 'internal');
}
