import { findTitle } from '../plugins/problem-statuses.ts';
import type { OpenApiDocument, Operation, Response } from './open-api.ts';

/** What each status means in every operation that can answer with it. */
const meanings: Readonly<Record<number, string>> = {
  400: 'The body is not JSON, or an id in the path is malformed',
  401: 'The request has no key that this service knows',
  403: 'The key does not have the scope, or a page of another origin sent the request',
  404: 'Nothing has this id',
  406: 'The `Accept` header excludes the type of the answer',
  408: 'The body did not arrive in time',
  409: 'The request contradicts what is stored, or the attempt does not have the trial any more',
  413: 'The body is too large',
  415: 'The body was not sent with `Content-Type: application/json`',
  422: 'The request is JSON but not valid; `problems` names each place',
  429: 'Too many requests; wait for `Retry-After`',
  500: 'The service failed; its log has the cause under `instance`',
  503: 'The service is busy, or its database is not available; wait for `Retry-After`',
};

const headers = {
  RetryAfter: describeHeader('Seconds to wait before the request is sent again', { type: 'integer', minimum: 0 }),
  Accept: describeHeader('The type to send', { type: 'string', const: 'application/json' }),
  WWWAuthenticate: describeHeader('How to authenticate', { type: 'string', const: 'Bearer' }),
  Location: describeHeader('Path of the job', { type: 'string' }),
  ETag: describeHeader('Changes with the answer; send it as `If-None-Match`', { type: 'string' }),
  CacheControl: describeHeader('Caches must ask again', { type: 'string', const: 'no-cache' }),
  ContentDisposition: describeHeader('Name of the file', { type: 'string' }),
  RateLimitLimit: describeHeader('Requests that the caller may send in a minute', { type: 'integer' }),
  RateLimitRemaining: describeHeader('Requests that are left of them', { type: 'integer' }),
  RateLimitReset: describeHeader('Seconds until the minute is over', { type: 'integer' }),
};
type HeaderName = keyof typeof headers;

const wireNames: Partial<Record<HeaderName, string>> = {
  RetryAfter: 'Retry-After',
  WWWAuthenticate: 'WWW-Authenticate',
  CacheControl: 'Cache-Control',
  ContentDisposition: 'Content-Disposition',
  RateLimitLimit: 'ratelimit-limit',
  RateLimitRemaining: 'ratelimit-remaining',
  RateLimitReset: 'ratelimit-reset',
};

/** Headers of the answers with a problem, by status. */
const problemHeaders: Readonly<Record<number, readonly HeaderName[]>> = {
  401: ['WWWAuthenticate'],
  415: ['Accept'],
  429: ['RetryAfter'],
  503: ['RetryAfter'],
};

/** Adds to every operation the problems that it can answer with, and the headers of its answers. */
export function describeResponses(document: OpenApiDocument): OpenApiDocument {
  for (const [path, item] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(item)) describeOperation(operation, { path, method });
  const named = Object.keys(meanings).map((status) => [nameResponse(Number(status)), describeProblem(Number(status))]);
  return {
    ...document,
    components: {
      ...document.components,
      headers,
      responses: { ...Object.fromEntries(named), Problem: describeProblem(null) },
    },
  };
}

function describeOperation(operation: Operation, place: { path: string; method: string }): void {
  const { responses } = operation;
  if (place.method === 'get' && place.path.startsWith('/v1/')) describeEntityTag(operation);
  const successes = Object.entries(responses);
  for (const [status, response] of successes) response.headers = listHeaders(status, operation);
  for (const status of listProblems(operation, place)) responses[status] = referTo(nameResponse(status));
  responses.default = referTo('Problem');
}

/** An answer in JSON has an entity tag (see `addEntityTags`), except an export, which is a stream. */
function describeEntityTag(operation: Operation): void {
  const { responses, operationId } = operation;
  if (responses['304'] || operationId === 'exportJob' || !responses['200']?.content?.['application/json']) return;
  responses['304'] = { description: 'Nothing has changed since the answer with this ETag' };
  (operation.parameters ??= []).push({
    in: 'header',
    name: 'if-none-match',
    description: 'ETag of an earlier answer: 304 if the answer is the same',
    required: false,
    schema: { type: 'string', maxLength: 500 },
  });
}

/** Returns the statuses of the problems that an operation can answer with. */
function listProblems(operation: Operation, { path, method }: { path: string; method: string }): number[] {
  const { parameters = [], requestBody, security } = operation;
  const takesInput = requestBody || parameters.some((each) => each.in !== 'path');
  const statuses = [403, 406, 500, 503];
  if (path !== '/healthz') statuses.push(429);
  if (path.includes('{') || requestBody) statuses.push(400);
  if (path.includes('{')) statuses.push(404);
  if (takesInput) statuses.push(422);
  if (security?.length) statuses.push(401);
  if (method !== 'get') statuses.push(408, 409, 413, 415);
  if (operation.operationId === 'getBFunctions') statuses.push(409);
  return statuses;
}

function listHeaders(status: string, { responses, requestBody }: Operation): Response['headers'] {
  const names: HeaderName[] = ['RateLimitLimit', 'RateLimitRemaining', 'RateLimitReset'];
  if (responses['201'] && requestBody) names.push('Location');
  if (responses['304']) names.push('ETag', 'CacheControl');
  const types = Object.keys(responses[status]?.content ?? {});
  if (types.some((type) => type === 'text/csv' || type === 'application/jsonl')) names.push('ContentDisposition');
  return referToHeaders(names);
}

function referToHeaders(names: readonly HeaderName[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [wireNames[name] ?? name, { $ref: `#/components/headers/${name}` }]));
}

function referTo(response: string): Response {
  return { $ref: `#/components/responses/${response}` };
}

/** Returns the name of the response with a status: `NotFound`. */
function nameResponse(status: number): string {
  return findTitle(status).replaceAll(' ', '');
}

/** @param status null: any other */
function describeProblem(status: number | null): object {
  return {
    description: status === null ? 'Something else is wrong with the request, or with the service' : meanings[status],
    headers: referToHeaders(problemHeaders[status ?? 0] ?? []),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
      },
    },
  };
}

function describeHeader(description: string, schema: object): object {
  return { description, schema };
}
