import { type ProblemDetails } from '@gradsmith/contract';
import { formatPointer, GradsmithError, InvalidInput, shortenText } from '@gradsmith/core/domain';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findCode } from './problem-kinds.ts';
import { findStatus, findTitle } from './problem-statuses.ts';

/** How long a client should wait before it repeats a request that was answered 503, seconds. */
const RETRY_AFTER_S = 5;
/** Characters of a client's text that an answer repeats. */
const MAX_ECHO = 200;

/** A result, or another end of a trial, that does not count. `answer` is what the trial protocol calls it. */
export class RefusedResult extends GradsmithError {
  readonly answer: 'stale' | 'conflict';

  constructor(answer: 'stale' | 'conflict') {
    super(refusals[answer], answer === 'stale' ? 'stale' : 'result-conflict');
    this.answer = answer;
  }
}

const refusals = {
  stale: 'this attempt does not have the trial any more, so what it reports does not count; ask for another trial',
  conflict: 'this attempt has reported another result before, which stays',
};

/** Answers every error with RFC 9457 problem details. */
export function answerWithProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = toProblemDetails(error, request);
    if (problem.status >= 500 && problem.status !== 503) request.log.error({ err: error }, 'request failed');
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
    if (problem.status === 415) void reply.header('accept', 'application/json');
    // The rate limit has set its own.
    if ([429, 503].includes(problem.status) && !reply.hasHeader('retry-after'))
      void reply.header('retry-after', RETRY_AFTER_S);
    return sendProblem(reply, problem);
  });
}

interface KnownPaths {
  /** Lists the methods of a path; none: it is unknown. */
  readonly listMethods: (path: string) => string[];
  /** Returns where a browser finds the page that it asks for, or null. */
  readonly findPage: (request: FastifyRequest) => string | null;
}

/**
 * Answers every unknown path with problem details, a known one with 405 and its methods, and a browser that asks for a
 * page with its address. Needs `limitRate`, because guessing paths is limited, too.
 */
export function answerUnknownPaths(app: FastifyInstance, { listMethods, findPage }: KnownPaths): void {
  // A fixed path with another method would otherwise be taken for one with a parameter.
  app.addHook('preValidation', async (request, reply) => {
    if (!request.routeOptions.url?.includes(':')) return;
    const path = request.url.split('?')[0]!;
    const methods = listMethods(path);
    if (methods.length && !methods.includes(request.method)) return refuseMethod(request, reply, { path, methods });
  });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    const page = findPage(request);
    if (page !== null) return reply.redirect(page);
    const whole = request.url.split('?')[0]!;
    const methods = listMethods(whole);
    // A path that has the method is that of a file of the web page that was removed after the start.
    if (methods.length && !methods.includes(request.method))
      return refuseMethod(request, reply, { path: whole, methods });
    const path = shortenText(whole, MAX_ECHO);
    const detail = `${request.method} ${path} is not a path of this service; GET /openapi.json lists all paths`;
    return sendProblem(reply, createProblem(request, { status: 404, code: 'not-found', detail }));
  });
}

function refuseMethod(
  request: FastifyRequest,
  reply: FastifyReply,
  { path, methods }: { path: string; methods: readonly string[] },
): FastifyReply {
  const detail = `${shortenText(path, MAX_ECHO)} has no ${request.method}; it has ${methods.join(', ')}`;
  void reply.header('allow', methods.join(', '));
  return sendProblem(reply, createProblem(request, { status: 405, code: 'method-not-allowed', detail }));
}

/**
 * Answers errors that occur before a route is found, for example a path with an invalid escape, in the same form. No
 * hook runs for them, so neither the rate limit nor that of the body's time: the connection is closed.
 */
export function answerUnroutable(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const status = error.statusCode ?? 400;
  const problem = createProblem(request, { status, code: findCode(status), detail: error.message });
  // With `connection: close`, Node closes the connection after the answer, even if the request is not complete.
  void sendProblem(reply.headers({ 'x-content-type-options': 'nosniff', connection: 'close' }), problem);
}

function sendProblem(reply: FastifyReply, problem: ProblemDetails): FastifyReply {
  return reply.code(problem.status).type('application/problem+json').serializer(JSON.stringify).send(problem);
}

function toProblemDetails(error: FastifyError, request: FastifyRequest): ProblemDetails {
  if (error instanceof GradsmithError) {
    const { code, message: detail } = error as GradsmithError;
    const problem = createProblem(request, { status: findStatus(code), code, detail });
    if (error instanceof RefusedResult) return { ...problem, answer: error.answer };
    if (!(error instanceof InvalidInput)) return problem;
    const problems = error.problems.map(({ path, message, in: part = 'body' as const }) => {
      return { in: part, pointer: formatPointer(path), message };
    });
    return { ...problem, problems };
  }
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const limit = `${Math.floor(request.routeOptions.bodyLimit / 1024)} KiB`;
    const detail = `the body is larger than ${limit}; send a smaller one`;
    const problems = [{ in: 'body' as const, pointer: '', message: `is larger than ${limit}` }];
    return { ...createProblem(request, { status: 413, code: 'body-too-large', detail }), problems };
  }
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const sent = shortenText(request.headers['content-type'] || 'no content type', MAX_ECHO);
    const detail = `the body has to be JSON under Content-Type: application/json; it was sent with ${sent}`;
    return createProblem(request, { status: 415, code: 'unsupported-media-type', detail });
  }
  const status = error.statusCode ?? 500;
  // The message of an unexpected error may contain internal details. The log has it under the request's id.
  const detail = status >= 500 ? `the request failed; the log has the cause under ${request.id}` : error.message;
  return createProblem(request, { status, code: findCode(status), detail });
}

export function createProblem(
  request: FastifyRequest,
  problem: Pick<ProblemDetails, 'status' | 'code' | 'detail'>,
): ProblemDetails {
  return { type: `/problems/${problem.code}`, title: findTitle(problem.status), ...problem, instance: request.id };
}
