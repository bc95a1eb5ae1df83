import type { FastifyInstance } from 'fastify';
import { beforeEach, describe, expect, test } from 'vitest';
import type { OpenApiDocument, Operation } from '../src/pages/open-api.ts';
import { call, externalJob, startApi } from './support.ts';
import { create } from './work.ts';

interface Route extends Operation {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
}

interface Refusal {
  status: number;
  allow: unknown;
  body: { type: string; title: string; status: number; detail: string; code: string; instance: string } & {
    problems?: { in: string; pointer: string; message: string }[];
  };
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const UNKNOWN = 'job_00000000000000000000';

let app: FastifyInstance;
let job: string;
let routes: Route[];
/** Addresses of the pages that problems name. */
let pages: Set<string>;

beforeEach(async () => {
  ({ app } = await startApi({ perMinute: 1e9 }));
  job = await create(app, externalJob);
  pages = new Set();
  const { paths } = (await call(app, 'GET', '/openapi.json')).body as OpenApiDocument;
  routes = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      ...operation,
      path,
      method: method.toUpperCase() as Route['method'],
    })),
  );
});

const fill = (path: string, id: string, trial = '0'): string => path.replace('{id}', id).replace('{trial}', trial);

/** Sends a request that is refused, and checks what all refusals have in common. */
async function refuse(method: string, url: string, payload?: string | object): Promise<Refusal> {
  const headers: Record<string, string> = payload === undefined ? {} : { 'content-type': 'application/json' };
  const request = { method: method as 'GET', url, headers };
  const response = await app.inject(payload === undefined ? request : { ...request, payload });
  const label = `${method} ${url}`;
  expect(response.statusCode, `${label} ${response.body.slice(0, 200)}`).toBeGreaterThanOrEqual(400);
  expect(response.headers['content-type'], label).toContain('application/problem+json');
  const body = response.json() as Refusal['body'];
  expect(body, label).toMatchObject({
    type: `/problems/${body.code}`,
    status: response.statusCode,
    title: expect.stringMatching(/^[A-Z]/),
    detail: expect.stringMatching(/./),
    instance: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  pages.add(body.type);
  return { status: response.statusCode, allow: response.headers.allow, body };
}

/** Returns a body that the schema accepts, from the examples of the operation. */
function exampleOf({ requestBody }: Route): object | undefined {
  const examples = Object.values(requestBody?.content['application/json']?.examples ?? {});
  return examples[0]?.value as object | undefined;
}

const parametersOf = ({ parameters = [] }: Route, place: string) => parameters.filter((each) => each.in === place);

describe('every operation', () => {
  test('answers 405 with Allow to another method', async () => {
    for (const path of new Set(routes.map((route) => route.path))) {
      const own = routes.filter((route) => route.path === path).map(({ method }) => method);
      for (const method of METHODS.filter((each) => !own.includes(each as Route['method']))) {
        const { status, allow, body } = await refuse(method, fill(path, job), method === 'GET' ? undefined : {});
        expect([status, body.code], `${method} ${path}`).toEqual([405, 'method-not-allowed']);
        const allowed = String(allow).split(', ');
        expect(allowed.filter((each) => each !== 'HEAD').sort(), path).toEqual([...own].sort());
      }
    }
  });

  test('answers 400 to an id that no job or trial can have, and 404 to one that none has', async () => {
    for (const route of routes.filter(({ path }) => path.includes('{id}'))) {
      const { method, path } = route;
      const body = exampleOf(route) ?? (method === 'GET' ? undefined : {});
      const query = listRequired(route);
      for (const [id, trial, pointer] of [
        ['job_x', '0', '/id'],
        [job, '-1', '/trial'],
      ] as const) {
        if (pointer === '/trial' && !path.includes('{trial}')) continue;
        const { status, body: problem } = await refuse(method, fill(path, id, trial) + query, body);
        const places = problem.problems!.map((each) => [each.in, each.pointer]);
        expect([status, problem.code, places], `${method} ${path}`).toEqual([
          400,
          'malformed-input',
          [['params', pointer]],
        ]);
      }
      const missing = await refuse(method, fill(path, UNKNOWN) + query, body);
      expect([missing.status, missing.body.code], `${method} ${path}`).toEqual([404, 'not-found']);
      // 409 for jobs without b-functions.
      if (!path.includes('{trial}') || method !== 'GET' || path.includes('b-function')) continue;
      expect((await refuse(method, fill(path, job, '99') + query, body)).status, path).toBe(404);
    }
  });

  test('that reads answers HEAD as GET, without a body', async () => {
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const read = async (method: string, path: string) => {
      const stop = new AbortController();
      const { status, headers, body } = await fetch(url + path, { method, signal: stop.signal });
      const hasBody = body !== null && method === 'HEAD' && (await new Response(body).text()) !== '';
      stop.abort();
      return { status, type: headers.get('content-type'), hasBody };
    };
    for (const { path, method } of routes) {
      if (method !== 'GET') continue;
      const filled = fill(path, job);
      expect(await read('HEAD', filled), filled).toEqual({ ...(await read('GET', filled)), hasBody: false });
    }
  });

  test('with a body answers 400 to what is not JSON, and 422 with a pointer to what the schema refuses', async () => {
    const withBody = routes.filter(({ requestBody }) => requestBody);
    expect(withBody.length).toBeGreaterThan(12);
    for (const { method, path } of withBody) {
      const url = fill(path, job);
      const texts = { '{': '', '{"a": NaN}': '/a', '{"a": 1,}': '', "{'a': 1}": '', '{bad': '', '{"a": {b': '/a' };
      for (const [text, pointer] of Object.entries(texts)) {
        const { status, body } = await refuse(method, url, text);
        const [problem] = body.problems!;
        const label = `${method} ${path} ${text}`;
        expect([status, body.code, problem!.in, problem!.pointer], label).toEqual([
          400,
          'malformed-input',
          'body',
          pointer,
        ]);
      }
      const { status, body } = await refuse(method, url, { '~/': 1 });
      expect([status, body.code], `${method} ${path}`).toEqual([422, 'invalid-input']);
      for (const problem of body.problems!) expect(problem.pointer, path).toMatch(/^(?:\/(?:[^~/]|~0|~1)*)*$/);
      expect(body.problems!.every((problem) => problem.in === 'body')).toBe(true);
    }
  });

  test('answers 422 to an unknown query parameter and to a value out of its range, and names it', async () => {
    const withoutBody = routes.filter(({ path, requestBody }) => path.startsWith('/v1/') && !requestBody);
    expect(withoutBody.length).toBeGreaterThan(20);
    for (const route of withoutBody) {
      const url = fill(route.path, job);
      const { status, body } = await refuse(route.method, `${url}${listRequired(route) || '?'}&unknown=1`);
      expect([status, body.problems![0]!.in, body.problems![0]!.pointer], route.path).toEqual([
        422,
        'query',
        '/unknown',
      ]);
    }
  });
});

describe('every list', () => {
  test('has pages of 1 to 1000 items, 100 by default, and opaque cursors', async () => {
    const lists = routes.filter((route) => parametersOf(route, 'query').some(({ name }) => name === 'cursor'));
    expect(lists.map(({ operationId }) => operationId).sort()).toEqual(['listJobs', 'listTrialRows', 'listTrials']);
    for (const route of lists) {
      const [limit, cursor] = ['limit', 'cursor'].map(
        (name) => parametersOf(route, 'query').find((each) => each.name === name)!.schema,
      );
      expect(limit, route.path).toMatchObject({ type: 'integer', minimum: 1, maximum: 1_000, default: 100 });
      expect(cursor, route.path).toMatchObject({ type: 'string' });
      const url = fill(route.path, job);
      for (const query of ['limit=0', 'limit=1001', 'limit=x', 'cursor=x', 'cursor=-1', 'cursor=']) {
        const { status, body } = await refuse('GET', `${url}?${query}`);
        const pointer = `/${query.split('=')[0]}`;
        expect([status, body.problems![0]!.in, body.problems![0]!.pointer], `${url}?${query}`).toEqual([
          422,
          'query',
          pointer,
        ]);
      }
    }
  });
});

test('every kind of problem has a page at its type', async () => {
  await refuse('GET', '/v1/nothing');
  await refuse('PUT', '/v1/jobs', {});
  await refuse('GET', `/v1/jobs/${UNKNOWN}`);
  await refuse('POST', '/v1/jobs', '{');
  await refuse('POST', '/v1/jobs', {});
  expect(pages.size).toBe(4);
  for (const page of pages) {
    const { statusCode, headers, body } = await app.inject(page);
    expect([statusCode, headers['content-type']], page).toEqual([200, 'text/html; charset=utf-8']);
    expect(body).toContain('What to do');
  }
});

/** Returns the required parameters of the query as text. */
function listRequired(route: Route): string {
  const values: Record<string, string> = { trials: '0', x: 'depth', y: 'share' };
  const required = parametersOf(route, 'query').filter((each) => each.required);
  return required.length ? `?${required.map(({ name }) => `${name}=${values[name]}`).join('&')}` : '';
}
