import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import {
  bFunctionsSchema,
  catalogueSchema,
  jobResourceSchema,
  jobSelectionSchema,
  jobStatusSchema,
  jobSummarySchema,
  jobSummarySelectionSchema,
  problemDetailsSchema,
  trialDetailSchema,
  trialDetailSelectionSchema,
  trialResourceSchema,
  trialSelectionSchema,
  workerResourceSchema,
} from '@gradsmith/contract';
import { jobDocumentSchema } from '@gradsmith/core/jobs';
import { jobSchema } from '@gradsmith/core/spec';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { describeResponses } from './describe-responses.ts';
import { addExamples } from './examples.ts';
import type { OpenApiDocument } from './open-api.ts';
import { createReferenceTheme } from './reference-theme.ts';

/** Schemas with a name in the document. The others are inlined. */
const namedSchemas = {
  Job: jobSchema,
  JobResource: jobResourceSchema,
  JobStatus: jobStatusSchema,
  JobSummary: jobSummarySchema,
  Trial: trialResourceSchema,
  TrialDetail: trialDetailSchema,
  JobSelection: jobSelectionSchema,
  JobSummarySelection: jobSummarySelectionSchema,
  TrialSelection: trialSelectionSchema,
  TrialDetailSelection: trialDetailSelectionSchema,
  Worker: workerResourceSchema,
  BFunctions: bFunctionsSchema,
  Catalogue: catalogueSchema,
  JobDocument: jobDocumentSchema,
  Problem: problemDetailsSchema,
};

const tags = {
  jobs: 'Create, watch and steer searches',
  trials: 'The trials of a job, and changes to them',
  'ask and tell': 'The protocol for programs that measure the trials of an external objective',
  events: 'Streams of changes (server-sent events)',
  export: 'Whole jobs as files, and back',
  service: 'Workers, and what a job can name',
  health: 'Probes for an orchestrator. They need no key',
};

const keyDescription =
  'An API key, `gs_…`. Only services whose operator has set keys require one. The scope of an operation is `read`, ' +
  '`write` or `admin`; each includes the ones before it.';

const description = `Searches for better backward passes, and tunes anything else that a program can measure.

Every call may be repeated. Calls that create something take an \`Idempotency-Key\`. Bodies are JSON. Errors are
RFC 9457 problem details that name the invalid fields; 406 and 415 say that \`Accept\` or \`Content-Type\` is not
supported. Times are ISO 8601 in UTC. If the service requires keys, send \`Authorization: Bearer gs_…\`.`;

/**
 * Describes the service as OpenAPI 3.1, made from the schemas that check requests and answers, and shows it as a page
 * at `/docs`, which links to the dashboard if the service has one.
 */
export async function describeApi(app: FastifyInstance, hasDashboard: boolean): Promise<void> {
  const schemaRegistry = createRegistry();
  const transform = createJsonSchemaTransform({ schemaRegistry });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Gradsmith',
        version: '1',
        description,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      // The service that served the document.
      servers: [{ url: '/', description: 'This service' }],
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: keyDescription } } },
      tags: Object.entries(tags).map(([name, text]) => ({ name, description: text })),
    },
    transform: (document) => {
      const { schema, url } = transform(document as Parameters<typeof transform>[0]);
      if (!schema || document.schema?.hide) return { schema, url };
      return {
        schema: {
          ...schema,
          ...describeSecurity(document.route),
          response: describeAnswers(document.schema?.response, schema.response as Record<string, object>),
        },
        url,
      };
    },
    transformObject: (document) => {
      const complete = createJsonSchemaTransformObject({ schemaRegistry })(document as never);
      return removeUnusedSchemas(addExamples(describeResponses(complete as OpenApiDocument))) as never;
    },
  });
  let text: string | undefined;
  const schema = { hide: true, produces: ['application/json'] };
  app.get('/openapi.json', { schema }, async (_request, reply) =>
    reply.type('application/json').send((text ??= JSON.stringify(app.swagger()))),
  );
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: {
      layout: 'BaseLayout',
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      tryItOutEnabled: true,
      validatorUrl: null,
    },
    theme: createReferenceTheme(hasDashboard),
  });
}

/** Returns the named schemas. Everything else about a schema, such as its description, is in zod's own registry. */
function createRegistry(): ReturnType<typeof z.registry<{ id: string }>> {
  const registry = z.registry<{ id: string }>();
  const { _map: own } = registry;
  const { _map: described } = z.globalRegistry;
  own.get = (schema) => WeakMap.prototype.get.call(own, schema) ?? described.get(schema);
  for (const [id, schema] of Object.entries(namedSchemas)) registry.add(schema, { ...described.get(schema), id });
  return registry;
}

/** Adds the description of each answer's schema, which a reference to a named schema would hide. */
function describeAnswers(schemas: unknown, described: Record<string, object>): object {
  const describe = (status: string): string =>
    (schemas as Record<string, { description?: string }>)[status]?.description ?? 'Done';
  return Object.fromEntries(
    Object.entries(described).map(([status, schema]) => [status, { description: describe(status), ...schema }]),
  );
}

/** Every key of the scope may call it; without a scope everybody. */
function describeSecurity({ config }: RouteOptions): object {
  return { security: config?.scope ? [{ key: [config.scope] }] : [] };
}

/** Removes the named schemas that nothing refers to. Each exists for requests and for answers; few are used in both. */
function removeUnusedSchemas(document: OpenApiDocument): OpenApiDocument {
  const { schemas = {} } = document.components ?? {};
  const used = new Set<string>();
  const follow = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (used.has(name!)) continue;
      used.add(name!);
      follow(schemas[name!] ?? null);
    }
  };
  follow(document.paths);
  follow(document.components?.responses ?? null);
  return {
    ...document,
    components: {
      ...document.components,
      schemas: Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name))),
    },
  };
}
