import { InvalidInput, MalformedInput, toProblems, type Problem } from '@gradsmith/core/domain';
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';

/** The parts of a request by their names in Fastify. Problems of the body name no part. */
const parts: Readonly<Record<string, Problem['in']>> = { querystring: 'query', params: 'params', headers: 'headers' };

/** Checks a part of the request against its zod schema; problems name the part and the place in it. */
export const validateWithZod: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) return { value: parsed.data };
    const problems = toProblems(parsed.error, { schema, input: data });
    const part = httpPart === undefined ? undefined : parts[httpPart];
    const placed = problems.map((problem): Problem => ({ ...problem, in: part }));
    // A path that names nothing is answered like a body that is not JSON, and not like a value out of its range.
    return { error: new (part === 'params' ? MalformedInput : InvalidInput)(placed, 'the request') };
  };

/** For a body that its handler checks itself, more thoroughly than a schema could; the schema documents it. */
export const leaveBodyToHandler: FastifySchemaCompiler<unknown> = ({ schema, ...route }) =>
  route.httpPart === 'body' ? (value) => ({ value }) : validateWithZod({ ...route, schema: schema as z.ZodType });

/** A route that describes itself and no query parameters has none: it refuses them, as others refuse unknown ones. */
export function refuseUnknownQueries(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (route.schema?.operationId !== undefined && route.url.startsWith('/v1/'))
      route.schema.querystring ??= z.strictObject({});
  });
}
