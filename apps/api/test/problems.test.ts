import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import type { OpenApiDocument } from '../src/pages/open-api.ts';
import { problemKinds } from '../src/plugins/problem-kinds.ts';
import { call, callWith, externalJob, startApi } from './support.ts';

const unknownJob = 'job_00000000000000000000';

interface Operation {
  method: string;
  path: string;
  /** An example of the body; null if it takes none. */
  body: object | null;
  operationId: string;
}

async function listOperations(app: FastifyInstance): Promise<Operation[]> {
  const { paths } = (await call(app, 'GET', '/openapi.json')).body as OpenApiDocument;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { operationId, requestBody }]) => {
      const { examples } = Object.values(requestBody?.content ?? {})[0] ?? {};
      const body = requestBody ? ((Object.values(examples ?? {})[0]?.value ?? {}) as object) : null;
      return { method: method.toUpperCase(), path, body, operationId };
    }),
  );
}

const fillIn = (path: string, job: string, trial = '0'): string =>
  path
    .replace('{id}', job)
    .replace('{trial}', trial)
    .replace(/\/curves$/, '/curves?trials=0');

/** Each problem that a request can cause, and the operations in which it can. */
const cases: Readonly<Record<string, { status: number; in(operation: Operation): boolean; send: Send }>> = {
  'a malformed job id': {
    status: 400,
    in: ({ path }) => path.includes('{id}'),
    send: (app, { method, path, body }) => inject(app, method, fillIn(path, 'nonsense'), body),
  },
  'a malformed trial id': {
    status: 400,
    in: ({ path }) => path.includes('{trial}'),
    send: (app, { method, path, body }) => inject(app, method, fillIn(path, unknownJob, 'x y'), body),
  },
  'a body that is not JSON': {
    status: 400,
    in: ({ body }) => body !== null,
    send: (app, { method, path }) => inject(app, method, fillIn(path, unknownJob), '{"a": NaN}'),
  },
  'an unknown job': {
    status: 404,
    in: ({ path }) => path.includes('{id}'),
    send: (app, { method, path, body }) => inject(app, method, fillIn(path, unknownJob), body),
  },
  'an unknown trial': {
    status: 404,
    in: ({ path, operationId }) => path.includes('{trial}') && operationId !== 'sendHeartbeat',
    send: async (app, { method, path, body, operationId }) => {
      const { id } = (await call(app, 'POST', '/v1/jobs', externalJob)).body as { id: string };
      // Only trainings have b-functions.
      if (operationId === 'getBFunctions') return inject(app, 'GET', `/v1/jobs/${id}/trials/5`, null);
      return inject(app, method, fillIn(path, id, '5'), body);
    },
  },
  'a method that the path does not have': {
    status: 405,
    in: () => true,
    send: (app, { path }) => inject(app, 'PUT', fillIn(path, unknownJob), null),
  },
  'an Accept header that excludes the answer': {
    status: 406,
    in: () => true,
    send: (app, { method, path, body }) => inject(app, method, fillIn(path, unknownJob), body, { accept: 'image/png' }),
  },
  'a body of another type': {
    status: 415,
    in: ({ body }) => body !== null,
    send: (app, { method, path }) =>
      inject(app, method, fillIn(path, unknownJob), 'a: 1', { 'content-type': 'application/yaml' }),
  },
  'a body that the schema refuses': {
    status: 422,
    in: ({ body }) => body !== null,
    send: (app, { method, path }) => inject(app, method, fillIn(path, unknownJob), { unknown: 1 }),
  },
};
type Send = (app: FastifyInstance, operation: Operation) => ReturnType<typeof inject>;

async function inject(
  app: FastifyInstance,
  method: string,
  url: string,
  body: object | string | null,
  headers: Record<string, string> = {},
) {
  const request = { method: method as 'GET', url, headers };
  if (body === null) return app.inject(request);
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  return app.inject({ ...request, payload, headers: { 'content-type': 'application/json', ...headers } });
}

describe('every operation', () => {
  test.each(Object.keys(cases))('answers %s with the same problem', async (name) => {
    const { status, in: isIn, send } = cases[name]!;
    const { app } = await startApi({ perMinute: 100_000 });
    const operations = (await listOperations(app)).filter(isIn);
    expect(operations.length).toBeGreaterThan(5);
    for (const operation of operations) {
      const response = await send(app, operation);
      const label = `${operation.method} ${operation.path}: ${response.body}`;
      expect(response.statusCode, label).toBe(status);
      expect(response.headers['content-type'], label).toContain('application/problem+json');
      const { type, code } = response.json() as { type: string; code: string };
      expect([type, problemKinds[code]?.status], label).toEqual([`/problems/${code}`, status]);
      if (status === 405) expect(response.headers.allow, label).toContain(operation.method);
      if (status === 415) expect(response.headers.accept, label).toBe('application/json');
    }
  });
});

describe('the page of a problem', () => {
  test.each(Object.keys(problemKinds))('/problems/%s says what it means and what to do', async (code) => {
    const { app } = await startApi();
    const { status, text, headers } = await call(app, 'GET', `/problems/${code}`);
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(text).toContain(`<h1>${code}</h1>`);
    expect((await call(app, 'GET', '/problems')).text).toContain(`<h1>${code}</h1>`);
  });

  test('is in docs/problems.md, too', () => {
    const page = readFileSync(new URL('../../../docs/problems.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z-]+)` *\| (\d+) *\| (.*?) *\| (.*?) *\|$/gm)].map((row) => row.slice(1));
    expect(rows).toEqual(
      Object.entries(problemKinds).map(([code, { status, meaning, remedy }]) => [
        code,
        String(status),
        meaning,
        remedy,
      ]),
    );
  });
});

test('a path that does not exist with any method is answered 404, without Allow', async () => {
  const { app } = await startApi();
  for (const method of ['GET', 'POST', 'DELETE'] as const) {
    const { status, headers, body } = await callWith(app, method, '/v1/nothing', {});
    expect([status, headers.allow, body.code]).toEqual([404, undefined, 'not-found']);
  }
});
