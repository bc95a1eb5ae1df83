import { GradsmithError } from '@gradsmith/core/domain';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import Negotiator from 'negotiator';

const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';
/** Pages whose plugins register them without a schema. */
const pagePath = /^\/(?:index\.html|docs\/?)?$/;

class NotAcceptable extends GradsmithError {
  constructor(types: readonly string[]) {
    super(`this answers with ${types.join(' or ')}, which the Accept header excludes`, 'not-acceptable');
  }
}

/**
 * Refuses requests whose `Accept` header excludes everything that the route answers with, before the request has an
 * effect. A route names its types in `schema.produces`; routes with a response schema answer with JSON by default.
 * Requests for the other files of a page, such as scripts and images, are not checked.
 */
export function refuseUnacceptable(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const types = listTypes(route);
    if (!types) return;
    const check = async ({ headers }: FastifyRequest): Promise<void> => {
      if (!accepts(headers.accept, types)) throw new NotAcceptable(types);
    };
    route.onRequest = [...[route.onRequest ?? []].flat(), check];
  });
}

/** Returns the media types of a route's successful answers; null if it names none. */
function listTypes({ schema, url }: RouteOptions): readonly string[] | null {
  if (schema?.produces) return schema.produces;
  if (pagePath.test(url)) return ['text/html'];
  return schema?.response ? [JSON_TYPE] : null;
}

/**
 * Returns whether the header allows one of the types (RFC 9110, 12.5.1). A missing or empty header allows everything.
 * For JSON, a client that names only the type of problem details gets JSON all the same.
 */
export function accepts(accept: string | undefined, types: readonly string[]): boolean {
  if (!accept?.trim()) return true;
  const negotiator = new Negotiator({ headers: { accept } });
  const sent = types.map((type) => (type.includes(';') ? type : `${type}; charset=utf-8`));
  if (negotiator.mediaTypes(sent).length) return true;
  const asksForProblems = accept.toLowerCase().includes(PROBLEM_TYPE);
  return types.includes(JSON_TYPE) && asksForProblems && negotiator.mediaTypes([PROBLEM_TYPE]).length > 0;
}
