import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { LedgerUnavailable } from '@gradsmith/core/domain';
import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { makeKey } from '../src/index.ts';
import { call, callWith, startApi } from './support.ts';

/** Sends a text over a connection and returns the answer once the service has closed it, and how long that took. */
async function sendAndWait(app: FastifyInstance, text: string): Promise<{ answer: string; ms: number }> {
  if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' });
  const start = performance.now();
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => void (answer += String(chunk))).on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return { answer, ms: performance.now() - start };
}

const head = (path: string, length: number): string =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

describe('a slow request', () => {
  test('is closed when its headers do not arrive in time', async () => {
    const { app } = await startApi({ receiveMs: 200 });
    const { answer, ms } = await sendAndWait(app, 'GET /v1/jobs HTTP/1.1\r\nHost: local');
    expect(answer).toContain('408 Request Timeout');
    expect(ms).toBeGreaterThanOrEqual(190);
    expect(ms).toBeLessThan(5_000);
  });

  test('is answered 408 and closed when its body does not arrive in time', async () => {
    const { app } = await startApi({ receiveMs: 200 });
    const { answer, ms } = await sendAndWait(app, `${head('/v1/jobs', 100)}{"name`);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"code":"request-timeout"');
    expect(ms).toBeLessThan(5_000);
  });

  test('is closed in time after an early answer, too', async () => {
    const { app } = await startApi({ receiveMs: 200 });
    const foreign = head('/v1/jobs', 100).replace('Host: ', 'Sec-Fetch-Site: cross-site\r\nHost: ');
    const { answer, ms } = await sendAndWait(app, `${foreign}{"name`);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(ms).toBeLessThan(5_000);
  });

  test('is closed at once after an answer to a path that cannot be read', async () => {
    const { app } = await startApi({ receiveMs: 60_000 });
    const { answer, ms } = await sendAndWait(app, `${head('/%zz', 100)}{"name`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(answer).toContain('"code":"bad-request"');
    expect(ms).toBeLessThan(5_000);
  });

  test('leaves the service as it was', async () => {
    const { app, logged } = await startApi({ receiveMs: 100 });
    await app.listen({ port: 0, host: '127.0.0.1' });
    await Promise.all(Array.from({ length: 20 }, async () => sendAndWait(app, `${head('/v1/jobs', 100)}{`)));
    expect((await call(app, 'GET', '/healthz')).status).toBe(200);
    expect(logged()).not.toContain('"level":50');
  });
});

test.each(['GET', 'POST'])(
  'a slow handler of %s is answered 503 once, also if the request has a body',
  async (method) => {
    const { app, logged } = await startApi();
    const finished = Promise.withResolvers<void>();
    app.route({
      method,
      url: '/slow',
      handlerTimeout: 100,
      handler: async () => {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        setImmediate(finished.resolve);
        return { ok: true };
      },
    });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const body = method === 'POST' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {};
    const answer = await fetch(`${url}/slow`, { method, ...body });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.json()).toMatchObject({ code: 'busy' });
    await finished.promise;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(logged()).not.toContain('"level":50');
  },
);

describe('the rate limit', () => {
  test.each(['/readyz', '/metrics', '/nowhere', '/v1/nowhere/at/all', `/v1/jobs/${'a'.repeat(5_000)}`])(
    'counts %s',
    async (url) => {
      const { app } = await startApi({ perMinute: 3 });
      const statuses: number[] = [];
      for (let i = 0; i < 5; i++) statuses.push((await call(app, 'GET', url)).status);
      expect(statuses.slice(0, 3)).not.toContain(429);
      expect(statuses.slice(3)).toEqual([429, 429]);
    },
  );

  test('does not count /healthz, which decides about restarts', async () => {
    const { app } = await startApi({ perMinute: 1 });
    for (let i = 0; i < 5; i++) expect((await call(app, 'GET', '/healthz')).status).toBe(200);
  });
});

test('readiness checks that come together share one write', async () => {
  let writes = 0;
  let isAway = false;
  const { app } = await startApi({}, (store) =>
    Object.assign(Object.create(store) as typeof store, {
      check: async () => {
        writes += 1;
        await new Promise((resolve) => setImmediate(resolve));
        if (isAway) throw new LedgerUnavailable('away');
      },
    }),
  );
  const answers = await Promise.all(Array.from({ length: 50 }, async () => call(app, 'GET', '/readyz')));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(writes).toBeLessThan(25);
  isAway = true;
  expect((await call(app, 'GET', '/readyz')).status).toBe(503);
  isAway = false;
  expect((await call(app, 'GET', '/readyz')).status).toBe(200);
});

test('scrapes of the metrics share one collection, also with those of the next second', async () => {
  let collections = 0;
  const { app } = await startApi({ metricsFreshMs: 60_000 }, (store) =>
    Object.assign(store, {
      check: async () => {
        collections += 1;
        await new Promise((resolve) => setImmediate(resolve));
      },
    }),
  );
  const scrape = async () => call(app, 'GET', '/metrics');
  const answers = await Promise.all(Array.from({ length: 20 }, scrape));
  answers.push(await scrape());
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  for (const { text } of answers) expect(text).toContain('\ngradsmith_ledger_up 1\n');
  expect(collections).toBe(1);
});

test('the log holds no key, wherever a client puts it', async () => {
  const { app, logged } = await startApi();
  const { key } = makeKey('alice');
  await call(app, 'GET', `/v1/jobs?key=${key}`);
  await call(app, 'GET', `/v1/jobs?key=${key.replaceAll('_', '%5F')}`);
  await call(app, 'GET', `/${key}`);
  await callWith(app, 'GET', '/v1/jobs', { headers: { referer: `http://localhost/?key=${key}` } });
  app.log.error({ err: new Error(`bad key ${key}`), key }, `key ${key}`);
  expect(logged()).toContain('gs_[redacted]');
  expect(logged()).not.toContain(key.slice(-30));
});
