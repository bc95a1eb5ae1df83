import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importJob, jobDocumentSchema, steerJob } from '@gradsmith/core/jobs';
import { Ledger, type LedgerStore } from '@gradsmith/core/ledger';
import { createLargeDocument, largeJobId } from '@gradsmith/testing';
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { JobFeed, type FeedEvent } from '../src/events/job-feed.ts';
import { JobHeads } from '../src/events/job-heads.ts';
import { makeKey } from '../src/index.ts';
import { KeyRing } from '../src/keys/key-ring.ts';
import { call, externalJob, silent, startApi } from './support.ts';
import { create } from './work.ts';

async function open(app: FastifyInstance, path: string, key?: string): Promise<Response> {
  const { port } = app.server.address() as AddressInfo;
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
  return fetch(`http://127.0.0.1:${port}${path}`, { headers, signal: stop.signal });
}

function createRing() {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'keys.json');
  const [a, b] = [makeKey('a'), makeKey('b')];
  const write = (...entries: object[]): void => writeFileSync(file, JSON.stringify({ keys: entries }));
  const entryA = { id: 'a', hash: a.hash, scopes: ['read'] };
  const entryB = { id: 'b', hash: b.hash, scopes: ['read'] };
  write(entryA, entryB);
  const ring = new KeyRing(file, silent);
  onTestFinished(() => ring.close());
  return { ring, write, a: a.key, b: b.key, entryB };
}

test('one caller cannot take the event streams of others', async () => {
  const { ring, a, b } = createRing();
  const { app } = await startApi({ keys: ring, maxStreams: 10, maxStreamsPerCaller: 2 });
  await app.listen({ port: 0 });
  expect((await open(app, '/v1/events', a)).status).toBe(200);
  expect((await open(app, '/v1/events', a)).status).toBe(200);
  const refused = await open(app, '/v1/events', a);
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBeTruthy();
  expect(await refused.json()).toMatchObject({ code: 'too-many-requests' });
  expect((await open(app, '/v1/events', b)).status).toBe(200);
});

test.each(['/v1/events', '/v1/jobs/JOB/events'])('the stream %s ends when its key is withdrawn', async (path) => {
  const { ring, write, a, b, entryB } = createRing();
  const { app, ledger } = await startApi({ keys: ring, keyCheckMs: 20 });
  await app.listen({ port: 0 });
  await importJob(ledger, jobDocumentSchema.parse(createLargeDocument(3)));
  const url = path.replace('JOB', largeJobId);
  const [withdrawn, kept] = [await open(app, url, a), await open(app, url, b)];
  expect([withdrawn.status, kept.status]).toEqual([200, 200]);
  write(entryB);
  ring.reload();
  // The body ends only if the service closes the stream.
  await withdrawn.text();
  expect((await open(app, url, a)).status).toBe(401);
  const first = await kept.body!.getReader().read();
  expect(first.done).toBe(false);
});

async function collectEvents(feed: JobFeed): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  for await (const event of feed.next()) events.push(event);
  return events;
}

test('many unread streams of a job read its records together', async () => {
  let reads = 0;
  const { app, ledger, store } = await startApi();
  const id = await create(app, externalJob);
  const counting = new Ledger(
    new Proxy(store, {
      get: (target, name) => {
        if (name === 'read') reads += 1;
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    }) satisfies LedgerStore,
  );
  const heads = new JobHeads(counting);
  const feeds = Array.from({ length: 183 }, () => new JobFeed({ ledger: counting, heads }, id, null));
  const readAll = async (): Promise<FeedEvent[][]> => Promise.all(feeds.map(collectEvents));
  expect((await readAll()).map((events) => events.length)).toEqual(feeds.map(() => 1));
  expect(reads).toBeLessThanOrEqual(3);
  await steerJob(ledger, id, 'cancel');
  expect((await readAll()).map((events) => events.at(-1)!.data)).toEqual(
    feeds.map(() => expect.objectContaining({ state: 'cancelled' })),
  );
  expect(reads).toBeLessThanOrEqual(6);
});

test('a reader that stops in the middle of many events holds the trials of a few only', async () => {
  const { app, ledger } = await startApi();
  expect((await call(app, 'POST', '/v1/jobs/import', createLargeDocument(600))).status).toBe(201);
  const asked: number[] = [];
  const counting = new Proxy(ledger, {
    get: (target, name) => {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (name === 'readTrials') asked.push((args[1] as string[]).length);
        return (value as (...all: unknown[]) => unknown).apply(target, args);
      };
    },
  });
  const events = new JobFeed({ ledger: counting, heads: new JobHeads(ledger) }, largeJobId, 0).next();
  const first = await events.next();
  expect(first.value).toMatchObject({ id: '1', event: 'trial', data: { move: 'create', trial: { id: '0' } } });
  // The moves of all trials are found first, in pages; then only the trials of the next events are read.
  expect(asked).toEqual([500, 100, 17]);
  const ids = [1];
  for await (const { id, event } of events) if (event === 'trial') ids.push(Number(id));
  expect(ids).toEqual(Array.from({ length: 1_800 }, (_, i) => i + 1));
});
