import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { accepts } from '../src/plugins/refuse-unacceptable.ts';
import { call, callWith, externalJob, startApi } from './support.ts';

interface Operation {
  method: string;
  path: string;
  /** With ids that are not there. */
  url: string;
  /** Media types of a successful answer. */
  types: readonly string[];
}

interface Described {
  responses: Record<string, { content?: Record<string, unknown> }>;
}

async function listOperations(app: FastifyInstance): Promise<Operation[]> {
  const { paths } = (await call(app, 'GET', '/openapi.json')).body as {
    paths: Record<string, Record<string, Described>>;
  };
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { responses }]) => ({
      method: method.toUpperCase(),
      path,
      url: path.replace('{id}', 'job_00000000000000000000').replace('{trial}', '0'),
      types: Object.keys(responses['200']?.content ?? { 'application/json': {} }),
    })),
  );
}

/** Sends a request to the operation, with an empty JSON body if it takes one. */
async function send(app: FastifyInstance, { method, url }: Operation, headers: Record<string, string>) {
  const request = { method: method as 'GET', url, headers };
  return app.inject(method === 'POST' ? { ...request, payload: {} } : request);
}

describe('Accept', () => {
  test('is refused with 406 by every operation that cannot meet it, before it has an effect', async () => {
    const { app } = await startApi();
    const operations = await listOperations(app);
    expect(operations.length).toBeGreaterThan(25);
    for (const operation of operations) {
      for (const accept of [
        'application/xml',
        'text/html, image/*;q=0.8',
        '*/*;q=0',
        `${operation.types[0]};q=0, a/b`,
      ]) {
        const response = await send(app, operation, { accept });
        const label = `${operation.method} ${operation.path} ${accept}`;
        expect(response.statusCode, label).toBe(406);
        expect(response.headers['content-type'], label).toContain('application/problem+json');
        expect(response.json(), label).toMatchObject({
          status: 406,
          title: 'Not Acceptable',
          code: 'not-acceptable',
          detail: expect.stringContaining(operation.types[0]!),
        });
      }
    }
    const headers = { accept: 'text/csv' };
    expect((await callWith(app, 'POST', '/v1/jobs', { payload: externalJob, headers })).status).toBe(406);
    expect((await call(app, 'GET', '/v1/jobs')).body.items).toEqual([]);
  });

  test('is met by every operation with its own type, a range, a list with weights, or none', async () => {
    const { app } = await startApi();
    for (const operation of await listOperations(app)) {
      // An event stream has no end.
      if (operation.path === '/v1/events') continue;
      const [type] = operation.types;
      const group = type!.split('/')[0];
      for (const accept of [type!, '*/*', `${group}/*`, '', `a/b, ${type};q=0.1`, 'text/html, */*; q=0.2']) {
        const { statusCode } = await send(app, operation, { accept });
        expect(statusCode, `${operation.method} ${operation.path} ${accept}`).not.toBe(406);
      }
    }
    for (const accept of ['application/json', 'application/problem+json', 'application/json; charset=utf-8']) {
      expect((await callWith(app, 'POST', '/v1/jobs', { payload: externalJob, headers: { accept } })).status).toBe(201);
    }
  });

  test.each([
    ['/', 'text/html', 'application/json'],
    ['/docs/', 'text/html', 'application/json'],
    ['/openapi.json', 'application/json', 'text/html'],
    ['/metrics', 'text/plain;version=0.0.4;q=0.5, */*;q=0.1', 'text/html'],
  ])('of %s is met by %s and not by %s', async (url, met, unmet) => {
    const { app } = await startApi();
    expect((await callWith(app, 'GET', url, { headers: { accept: met } })).status).not.toBe(406);
    expect((await callWith(app, 'GET', url, { headers: { accept: unmet } })).status).toBe(406);
  });

  test.each<[string | undefined, boolean]>([
    [undefined, true],
    ['', true],
    ['application/*', true],
    ['Application/JSON', true],
    ['application/json;q=0', false],
    ['application/json;q=0, */*', false],
    ['application/json;q=0.001', true],
    ['application/problem+json', true],
    ['application/problem+json;q=0', false],
    ['text/html,application/xhtml+xml,application/xml;q=0.9', false],
    ['nonsense', false],
  ])('%s: JSON is acceptable: %s', (accept, expected) => {
    expect(accepts(accept, ['application/json'])).toBe(expected);
  });
});

describe('a body', () => {
  test('of another type, or of none, is refused with 415 by every operation that takes one', async () => {
    const { app } = await startApi();
    const operations = (await listOperations(app)).filter(({ method }) => method !== 'GET');
    expect(operations.length).toBeGreaterThan(12);
    const types = [
      'text/plain',
      'text/plain;charset=UTF-8',
      'application/x-www-form-urlencoded',
      'application/xml',
      'x',
    ];
    for (const { method, path, url } of operations) {
      for (const type of [null, ...types]) {
        const headers: Record<string, string> = type === null ? {} : { 'content-type': type };
        const response = await app.inject({ method: method as 'POST', url, payload: Buffer.from('{}'), headers });
        const label = `${method} ${path} ${type}`;
        expect(response.statusCode, label).toBe(415);
        expect(response.headers.accept, label).toBe('application/json');
        expect(response.headers['content-type'], label).toContain('application/problem+json');
        expect(response.json().detail, label).toContain('Content-Type: application/json');
      }
    }
  });

  test('as JSON is accepted in every spelling of its type, and none at all where none is needed', async () => {
    const { app } = await startApi();
    const payload = JSON.stringify(externalJob);
    for (const type of ['application/json', 'Application/JSON', 'application/json; charset=utf-8']) {
      const response = await app.inject({
        method: 'POST',
        url: '/v1/jobs',
        payload,
        headers: { 'content-type': type },
      });
      expect(response.statusCode, type).toBe(201);
    }
    const { body } = await call(app, 'POST', '/v1/jobs', externalJob);
    expect((await call(app, 'POST', `/v1/jobs/${body.id}/cancel`)).status).toBe(200);
  });
});

describe('a change from a page', () => {
  const service = { host: 'search.example:8080' };

  test('of another origin is refused by every operation that changes something', async () => {
    const { app } = await startApi();
    const operations = (await listOperations(app)).filter(({ method }) => method !== 'GET');
    for (const operation of operations) {
      const { statusCode } = await send(app, operation, { ...service, origin: 'http://evil.example' });
      expect(statusCode, `${operation.method} ${operation.path}`).toBe(403);
    }
    const { id } = (await call(app, 'POST', '/v1/jobs', externalJob)).body;
    const paused = await callWith(app, 'POST', `/v1/jobs/${id}/pause`, { headers: { origin: 'http://evil.example' } });
    expect(paused.body).toMatchObject({ status: 403, code: 'forbidden', detail: expect.stringContaining('evil') });
    expect((await call(app, 'GET', `/v1/jobs/${id}`)).body.state).toBe('queued');
  });

  const changeFrom = async (headers: Record<string, string>, hostNames: readonly string[] | null = null) => {
    const { app } = await startApi({ hostNames });
    return (await callWith(app, 'POST', '/v1/jobs', { payload: externalJob, headers: { ...service, ...headers } }))
      .status;
  };

  test.each<[string, Record<string, string>]>([
    ['no page: no Origin', {}],
    ['its own origin', { origin: 'http://search.example:8080' }],
    ['its own origin in capitals', { origin: 'http://search.example:8080', host: 'Search.Example:8080' }],
    ['its own origin on the default port', { origin: 'https://search.example', host: 'search.example:443' }],
    ['its own origin behind TLS', { origin: 'https://search.example', host: 'search.example' }],
    ['an IPv6 loopback', { origin: 'http://[::1]:8080', host: '[::1]:8080' }],
    [
      'a proxy that sets X-Forwarded-Host',
      { origin: 'https://search.example', host: 'api:8080', 'x-forwarded-host': 'search.example' },
    ],
    [
      'two proxies',
      { origin: 'https://search.example', host: 'api:8080', 'x-forwarded-host': 'search.example, inner:80' },
    ],
    ['a page whose browser vouches for it', { origin: 'http://lab', host: 'api', 'sec-fetch-site': 'same-origin' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
  ])('is accepted from %s', async (_, headers) => {
    expect(await changeFrom(headers)).toBe(201);
  });

  test.each<[string, Record<string, string>]>([
    ['another host', { origin: 'http://evil.example:8080' }],
    ['another port', { origin: 'http://search.example:3000' }],
    [
      'another port, which browsers call the same site',
      { origin: 'http://search.example:3000', 'sec-fetch-site': 'same-site' },
    ],
    ['the same site, without Origin', { 'sec-fetch-site': 'same-site' }],
    ['a host that ends with the own name', { origin: 'http://evil.search.example:8080' }],
    ['a host that starts with the own name', { origin: 'http://search.example:8080.evil.example' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['something that is no origin', { origin: '//search.example:8080' }],
    ['a file', { origin: 'file://' }],
    ['a page that only names the service as its user', { origin: 'http://search.example:8080@evil.example' }],
    [
      'a page of another site that claims a host',
      { origin: 'http://search.example:8080', 'sec-fetch-site': 'cross-site' },
    ],
  ])('is refused from %s', async (_, headers) => {
    expect(await changeFrom(headers)).toBe(403);
  });

  test('is accepted from the names of GRADSMITH_HOST_NAMES, under whatever name the proxy uses', async () => {
    const behind = { host: 'api', origin: 'https://search.example' };
    expect(await changeFrom(behind, ['api', 'search.example'])).toBe(201);
    expect(await changeFrom(behind, ['api'])).toBe(403);
    expect(await changeFrom({ ...behind, origin: 'https://evil.example' }, ['api', 'search.example'])).toBe(403);
  });
});
