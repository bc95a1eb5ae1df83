import { type ProblemDetails } from '@gradsmith/contract';
import { GradsmithError, InvalidInput, type Problem } from '@gradsmith/core/domain';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Seconds after which a client should try again when the ledger is away. */
const RETRY_AFTER_S = 5;

/** Answers every error, and every unknown place, with RFC 9457 problem details. */
export function answerWithProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = toProblemDetails(error, request);
    if (problem.status >= 500 && problem.status !== 503) request.log.error({ err: error }, 'request failed');
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
    if (problem.status === 503) void reply.header('retry-after', RETRY_AFTER_S);
    return send(reply, problem);
  });
  app.setNotFoundHandler((request, reply) =>
    send(
      reply,
      details(
        request,
        404,
        'not-found',
        `${request.method} ${request.url.split('?')[0]} is not served here; GET /openapi.json lists what is`,
      ),
    ),
  );
}

/** Answers what never reaches a route, such as an address that is too long, in the same form. */
export function answerUnroutable(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const detail = error.code === 'FST_ERR_MAX_PARAM_LENGTH' ? 'a part of the address is too long' : error.message;
  void send(
    reply.header('x-content-type-options', 'nosniff'),
    details(request, error.statusCode ?? 400, toCode(error), detail),
  );
}

function send(reply: FastifyReply, problem: ProblemDetails): FastifyReply {
  return reply.code(problem.status).type('application/problem+json').serializer(JSON.stringify).send(problem);
}

function toProblemDetails(error: FastifyError, request: FastifyRequest): ProblemDetails {
  if (error instanceof InvalidInput) {
    return { ...details(request, error.status, error.code, error.message), problems: error.problems.map(toPointer) };
  }
  if (error instanceof GradsmithError) return details(request, error.status, error.code, error.message);
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const limit = `${Math.floor(request.routeOptions.bodyLimit / 1024)} KiB`;
    return {
      ...details(request, 413, 'body-too-large', `the body is larger than ${limit}; send a smaller one`),
      problems: [{ pointer: '', message: `is larger than ${limit}` }],
    };
  }
  const status = error.statusCode ?? 500;
  // An unknown fault's words may hold what is nobody's business; they are in the log under the request's id.
  const detail = status >= 500 ? `the request failed; the log has it under request ${request.id}` : error.message;
  return details(request, status, toCode(error), detail);
}

function toCode({ code }: FastifyError): string {
  return (code ?? 'internal').toLowerCase().replaceAll('_', '-');
}

function details(request: FastifyRequest, status: number, code: string, detail: string): ProblemDetails {
  return { type: 'about:blank', title: titles[status] ?? 'Error', status, detail, code, instance: request.id };
}

const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** A path into the body as a JSON pointer (RFC 6901). */
function toPointer({ path, message }: Problem): { pointer: string; message: string } {
  return {
    pointer: path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    message,
  };
}
