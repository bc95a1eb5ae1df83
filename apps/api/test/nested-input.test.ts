import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { expect, test, vi } from 'vitest';
import type { Description, Operation } from './fuzz/operations.ts';
import { call, externalJob, startApi } from './support.ts';
import { create } from './work.ts';

vi.setConfig({ testTimeout: 60_000 });

interface Route {
  method: string;
  path: string;
  operation: Operation;
}

async function listRoutes(app: FastifyInstance): Promise<Route[]> {
  const { paths } = (await call(app, 'GET', '/openapi.json')).body as Description;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  );
}

const nest = (open: string, close: string, depth: number): string => open.repeat(depth) + '1' + close.repeat(depth);

/** Bodies that exhaust the stack or the time of a careless parser or schema. */
const bodies: Record<string, string> = {
  'lists without end': '['.repeat(200_000),
  'objects without end': '{"a":'.repeat(100_000),
  'closed lists, 100,000 deep': nest('[', ']', 100_000),
  'closed objects, 100,000 deep': nest('{"a":', '}', 100_000),
  'closed objects of a known field': nest('{"search":', '}', 50_000),
  'lists 60 deep in each field': JSON.stringify(
    Object.fromEntries(
      ['name', 'objective', 'space', 'search', 'point', 'progress', 'value', 'reason', 'trials', 'spec'].map(
        (field) => [field, JSON.parse(nest('[', ']', 60))],
      ),
    ),
  ),
  'an object of 60,000 fields': JSON.stringify(
    Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`f${i}`, i])),
  ),
  'a list of 300,000 numbers': JSON.stringify(Array.from({ length: 300_000 }, (_, i) => i % 10)),
  'an object of 60,000 parameters': JSON.stringify({
    ...externalJob,
    space: Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`f${i}`, 0])),
  }),
};

/** Values of a query that exhaust a careless parser. */
const values = ['['.repeat(3_000), '{"a":'.repeat(500), 'a.'.repeat(2_000), '('.repeat(3_000), '9'.repeat(3_000)];

const address = (path: string, id: string): string => path.replace('{id}', id).replace('{trial}', '0');

test('every route refuses deeply nested and huge flat bodies with 4xx, and the service keeps answering', async () => {
  const { app, logged } = await startApi();
  const id = await create(app, externalJob);
  await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt: randomUUID() });
  const routes = (await listRoutes(app)).filter(({ method }) => ['post', 'put', 'patch'].includes(method));
  expect(routes.map(({ path }) => path)).toContain('/v1/jobs/import');
  let refused = 0;
  for (const { method, path, operation } of routes) {
    for (const [what, payload] of Object.entries(bodies)) {
      const url = address(path, id);
      const headers = { 'content-type': 'application/json' };
      const {
        statusCode,
        headers: answered,
        body,
      } = await app.inject({ method: method as 'POST', url, payload, headers });
      expect(statusCode, `${method} ${path}, ${what}: ${body.slice(0, 300)}`).toBeLessThan(500);
      expect(body.length).toBeLessThan(50_000);
      if (!operation.requestBody && statusCode < 400) continue;
      expect(statusCode, `${method} ${path}, ${what}: ${body.slice(0, 300)}`).toBeGreaterThanOrEqual(400);
      expect(answered['content-type']).toContain('application/problem+json');
      expect(body).not.toContain('call stack');
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(10 * Object.keys(bodies).length - 20);
  expect(logged()).not.toMatch(/call stack|"level":50/);
  expect((await call(app, 'GET', '/v1/jobs')).body.items).toHaveLength(1);
}, 300_000);

test('every route answers nested and long values of its query without a failure', async () => {
  const { app, logged } = await startApi();
  const id = await create(app, externalJob);
  const routes = (await listRoutes(app)).filter(({ method, path }) => method === 'get' && !path.endsWith('/events'));
  let sent = 0;
  for (const { path, operation } of routes) {
    const names = (operation.parameters ?? []).filter((one) => one.in === 'query').map(({ name }) => name);
    for (const name of [...names, 'unknown[a][b]']) {
      for (const value of values) {
        const url = `${address(path, id)}?${new URLSearchParams([[name, value]])}`;
        const { statusCode, body } = await app.inject({ url });
        expect(statusCode, `${path} ${name}: ${body.slice(0, 300)}`).toBeLessThan(500);
        sent += 1;
      }
    }
    const nested = `?${'a[b]'.repeat(1_000)}=1&${Array.from({ length: 2_000 }, (_, i) => `f${i}=1`).join('&')}`;
    expect((await app.inject({ url: address(path, id) + nested })).statusCode).toBeLessThan(500);
  }
  expect(sent).toBeGreaterThan(100);
  expect(logged()).not.toMatch(/call stack|"level":50/);
});
