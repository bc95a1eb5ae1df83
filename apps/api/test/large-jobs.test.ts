import { once } from 'node:events';
import { connect, type AddressInfo, type Server } from 'node:net';
import { exportJob } from '@gradsmith/core/jobs';
import type { LedgerStore } from '@gradsmith/core/ledger';
import { createLargeDocument, largeJobId } from '@gradsmith/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ApiSettings } from '../src/index.ts';
import { ThreadImporter } from '../src/jobs/thread-importer.ts';
import { call, startApi } from './support.ts';

const TRIALS = 2_000;
/** Records that one call of the store may return. */
const MOST_AT_ONCE = 205;

/** The service with a job of many trials, and a list of how many fields each read of its store asked for. */
async function startWithLargeJob(settings: Partial<ApiSettings> = {}, delayRead: () => Promise<void> = async () => {}) {
  const reads: number[] = [];
  const api = await startApi({ perMinute: 1e9, ...settings }, (store): LedgerStore => ({
    read: async (jobId, fields) => {
      reads.push(fields.length);
      await delayRead();
      return store.read(jobId, fields);
    },
    commit: async (...args) => store.commit(...args),
    commitOrRead: async (...args) => store.commitOrRead(...args),
    remove: async (...args) => store.remove(...args),
    list: (...args) => store.list(...args),
    find: async (...args) => store.find(...args),
    listUnnamed: () => store.listUnnamed(),
    readSecret: async () => store.readSecret(),
    check: async () => store.check(),
    close: async () => store.close(),
  }));
  const imported = await call(api.app, 'POST', '/v1/jobs/import', createLargeDocument(TRIALS));
  expect(imported.status, imported.text.slice(0, 500)).toBe(201);
  reads.length = 0;
  return { ...api, reads };
}

/** Waits until nothing is read any more. */
async function settleReads(reads: readonly number[]): Promise<void> {
  let seen = -1;
  while (seen !== reads.length) {
    seen = reads.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

async function countConnections(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

const at = (path: string): string => `/v1/jobs/${largeJobId}${path}`;

describe('a job of many trials', () => {
  test.each([
    '/export',
    '/trials.csv',
    '/curves.csv',
    '/trials.jsonl',
    '/importance',
    '/model',
    '/best',
    '/trials?sort=-value',
  ])(
    'is read in pages for %s',
    async (path) => {
      const { app, reads } = await startWithLargeJob();
      expect((await call(app, 'GET', at(path))).status).toBe(200);
      expect(Math.max(...reads)).toBeLessThanOrEqual(MOST_AT_ONCE);
    },
    60_000,
  );

  test.each(['/export', '/trials.csv', '/curves.csv', '/trials.jsonl'])('is not read for HEAD of %s', async (path) => {
    const { app, reads } = await startWithLargeJob();
    const { headers: expected } = await call(app, 'GET', at(path));
    await settleReads(reads);
    reads.length = 0;
    const { status, headers, text } = await call(app, 'HEAD', at(path));
    expect(status).toBe(200);
    expect(text).toBe('');
    expect(headers['content-type']).toBe(expected['content-type']);
    expect(headers['content-disposition']).toBe(expected['content-disposition']);
    await settleReads(reads);
    expect(reads.reduce((sum, fields) => sum + fields, 0)).toBeLessThan(20);
    expect((await call(app, 'HEAD', '/v1/jobs/job_00000000000000000000/export')).status).toBe(404);
  });

  test('is not read to the end for the metrics of a table whose client has hung up', async () => {
    const { app, reads } = await startWithLargeJob({}, async () => new Promise((resolve) => setTimeout(resolve, 20)));
    await app.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(`GET ${at('/trials.csv')} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await expect.poll(() => reads.length, { interval: 5, timeout: 10_000 }).toBeGreaterThan(2);
    socket.destroy();
    await settleReads(reads);
    expect(reads.length).toBeLessThan(TRIALS / 100);
  });

  test('is exported as the same document, whatever its size', async () => {
    const { app, ledger } = await startWithLargeJob();
    const { body, headers } = await call(app, 'GET', at('/export'));
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(body).toEqual(await exportJob(ledger, largeJobId));
    expect(body.trials).toHaveLength(TRIALS);
    expect((await call(app, 'POST', '/v1/jobs/import', body)).status).toBe(200);
  });

  test('has its best trials and sorted pages read once, then only the trials of the answer', async () => {
    const { app, reads } = await startWithLargeJob();
    const first = await call(app, 'GET', at('/best?limit=3'));
    expect(first.body.items.map(({ value }: { value: number }) => value)).toEqual(
      [1_999, 1_998, 1_997].map((v) => v / TRIALS),
    );
    for (const path of ['/best?limit=3', '/trials?sort=value&limit=3', '/trials?sort=-settledAt&limit=3']) {
      reads.length = 0;
      const { body } = await call(app, 'GET', at(path));
      expect(body.items).toHaveLength(3);
      expect(reads.reduce((sum, fields) => sum + fields, 0)).toBeLessThan(20);
    }
  });

  test.each(['number', '-number'])('has few trials that match a filter found in few reads, by %s', async (sort) => {
    const { app, reads } = await startWithLargeJob();
    const sparse = ['3', '700', '1500'];
    for (const id of sparse) {
      const { status, text } = await call(app, 'POST', at(`/trials/${id}/invalidate`), { reason: 'wrong data' });
      expect(status, text).toBeLessThan(300);
    }
    reads.length = 0;
    const found: string[] = [];
    let path: string | null = `/trials?state=cancelled&limit=1&sort=${sort}`;
    while (path) {
      const { status, body, text } = await call(app, 'GET', at(path));
      expect(status, text).toBe(200);
      found.push(...body.items.map(({ id }: { id: string }) => id));
      path = body.next && `/trials?state=cancelled&limit=1&sort=${sort}&cursor=${body.next}`;
    }
    expect(found).toEqual(sort === 'number' ? sparse : sparse.toReversed());
    // The index of the trials once, and each page.
    expect(reads.length).toBeLessThan(TRIALS / 200 + 20);
  });

  test('has its changed trials read again', async () => {
    const { app } = await startWithLargeJob();
    await call(app, 'POST', at('/extend'), { trials: TRIALS + 5 });
    const best = (await call(app, 'GET', at('/best?limit=1'))).body.items[0].id as string;
    const invalidated = await call(app, 'POST', at(`/trials/${best}/invalidate`), { reason: 'wrong data' });
    expect(invalidated.status, invalidated.text).toBeLessThan(300);
    expect((await call(app, 'GET', at('/best?limit=1'))).body.items[0].id).not.toBe(best);
  });

  test('is not read further than a client reads its export', async () => {
    const { app, reads } = await startWithLargeJob({ maxExportsPerCaller: 16 });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const before = reads.length;
    const pages = TRIALS / 100;
    const sockets = Array.from({ length: 5 }, () => connect((app.server.address() as AddressInfo).port, '127.0.0.1'));
    onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
    for (const socket of sockets) {
      socket.pause();
      // Many exports one after another over a connection: more than the buffers of the system hold.
      for (let i = 0; i < 40; i++) socket.write(`GET ${at('/trials.jsonl')} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    }
    await settleReads(reads);
    expect(reads.length - before).toBeGreaterThan(5);
    expect(reads.length - before).toBeLessThan(5 * 40 * pages * 0.8);
  });

  test('may be exported by a bounded number of clients at once; others get 503 with Retry-After', async () => {
    const { app } = await startWithLargeJob({ maxExportsPerCaller: 24 });
    const answers = await Promise.all(Array.from({ length: 24 }, async () => call(app, 'GET', at('/export'))));
    const refused = answers.filter(({ status }) => status === 503);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(16);
    expect(refused).toHaveLength(8);
    expect(refused[0]).toMatchObject({ body: { code: 'busy' }, headers: { 'retry-after': '5' } });
    expect((await call(app, 'GET', at('/export'))).status).toBe(200);
  });

  test('may be exported four times at once by one caller', async () => {
    const { app } = await startWithLargeJob();
    const get = async () => call(app, 'GET', at('/trials.jsonl'));
    const inject = { method: 'GET', url: at('/trials.jsonl'), remoteAddress: '192.0.2.1' } as const;
    const host = { host: 'localhost' };
    const [answers, other] = await Promise.all([
      Promise.all(Array.from({ length: 6 }, get)),
      app.inject({ ...inject, headers: host }),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 503, 503]);
    expect(other.statusCode).toBe(200);
  });

  test('is not exported further to a client that reads nothing', async () => {
    const { app } = await startWithLargeJob({ maxExportsPerCaller: 16, stallMs: 300 });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1').pause();
    onTestFinished(() => void socket.destroy());
    // The answers together are more than the buffers of the system hold.
    const request = `GET ${at('/export')} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    socket.write(request.repeat(16));
    await once(app.server, 'request');
    await expect.poll(async () => countConnections(app.server), { timeout: 30_000 }).toBe(0);
    await expect.poll(async () => (await call(app, 'GET', at('/export'))).status, { timeout: 30_000 }).toBe(200);
  });
});

test('a second import at once is refused before its body is read', async () => {
  const { app } = await startApi();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write('POST /v1/jobs/import HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
  socket.write('Content-Length: 60000000\r\n\r\n{');
  await once(app.server, 'request');
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  const document = createLargeDocument(10);
  const refused = await call(app, 'POST', '/v1/jobs/import', document);
  expect(refused).toMatchObject({ status: 503, body: { code: 'busy' }, headers: { 'retry-after': '5' } });
  socket.destroy();
  await once(socket, 'close');
  await expect
    .poll(async () => (await call(app, 'POST', '/v1/jobs/import', document)).status, { timeout: 5_000 })
    .toBe(201);
});

test('an import keeps its place until it has settled, even if its client hangs up; nothing is stored', async () => {
  const { app, ledger } = await startApi();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const document = JSON.stringify(createLargeDocument(5_000));
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  // The document is checked after the client has hung up.
  const [arrived, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const prepare = ThreadImporter.prototype.prepare;
  const preparing = vi.spyOn(ThreadImporter.prototype, 'prepare').mockImplementation(async function (
    this: ThreadImporter,
    body,
  ) {
    arrived.resolve();
    await closed.promise;
    return prepare.call(this, body);
  });
  onTestFinished(() => preparing.mockRestore());
  socket.write('POST /v1/jobs/import HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
  socket.write(`Content-Length: ${document.length}\r\n\r\n${document}`);
  await arrived.promise;
  socket.destroy();
  await once(socket, 'close');
  // The connection is closed for the service, too.
  await expect.poll(async () => countConnections(app.server), { timeout: 10_000 }).toBe(0);
  expect((await call(app, 'POST', '/v1/jobs/import', {})).status).toBe(503);
  closed.resolve();
  await expect.poll(async () => (await call(app, 'POST', '/v1/jobs/import', {})).status, { timeout: 20_000 }).toBe(422);
  await expect(ledger.readJob(largeJobId)).rejects.toThrow('does not exist');
}, 30_000);

test('an import is parsed and checked in a thread: the event loop goes on', async () => {
  const { app } = await startApi();
  const document = createLargeDocument(5_000);
  // The last trial is wrong, so everything is read and nothing is stored.
  document.trials.at(-1)!.state = 'nowhere';
  const payload = JSON.stringify(document);
  let turns = 0;
  let isDone = false;
  const headers = { 'content-type': 'application/json' };
  const importing = app.inject({ method: 'POST', url: '/v1/jobs/import', payload, headers }).finally(() => {
    isDone = true;
  });
  const countTurns = (): void => {
    turns += 1;
    if (!isDone) setImmediate(countTurns);
  };
  countTurns();
  const answer = await importing;
  expect(answer.statusCode).toBe(422);
  expect(answer.json().problems[0].pointer).toBe('/trials/4999/state');
  expect(turns).toBeGreaterThan(500);
}, 30_000);
