import { setTimeout as delay } from 'node:timers/promises';
import { LedgerUnavailable } from '@gradsmith/core/domain';
import { steerJob } from '@gradsmith/core/jobs';
import { invalidateTrial } from '@gradsmith/core/trials';
import type { FastifyInstance } from 'fastify';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { call, externalJob, startApi, startService } from './support.ts';
import { create, work } from './work.ts';

interface Received {
  id: string;
  event: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- as it comes
  data: any;
}

/** Reads a stream over a real connection, as a browser would. */
async function read(app: FastifyInstance, path: string, headers: Record<string, string> = {}) {
  const { port } = app.server.address() as { port: number };
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers, signal: stop.signal });
  const events: Received[] = [];
  const text: string[] = [];
  const reading = (async () => {
    let buffer = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text.push(chunk);
      const blocks = (buffer += chunk).split('\n\n');
      buffer = blocks.pop()!;
      for (const block of blocks) {
        const fields = Object.fromEntries(
          block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        );
        if (fields.event) events.push({ id: fields.id!, event: fields.event, data: JSON.parse(fields.data!) });
      }
    }
  })().catch(() => undefined);
  const until = async (enough: () => boolean): Promise<void> => {
    for (let i = 0; i < 300 && !enough(); i++) await delay(20);
    if (!enough())
      throw new Error(
        `not seen in: ${JSON.stringify(events.map(({ id, event, data }) => [id, event, data.move ?? data.state]))}`,
      );
  };
  return { response, events, reading, until, stop };
}

const moves = (events: readonly Received[]): string[] =>
  events.filter(({ event }) => event === 'trial').map(({ data }) => `${data.trial.id} ${data.move} ${data.seq}`);
const x = ({ depth }: Record<string, number>): number => depth!;

describe('a job whose records cannot be read', () => {
  test('is named once by the log and counted by a metric, and holds back no event of another job', async () => {
    const { app, store, logged } = await startApi();
    await app.listen({ port: 0 });
    const [broken, other] = [await create(app, externalJob), await create(app, { ...externalJob, name: 'other' })];
    const { values } = await store.read(broken, ['job']);
    const live = await read(app, '/v1/events?after=0');
    await live.until(() => live.events.some(({ data }) => data.id === broken));
    await store.commit(broken, { expected: [], writes: [['job', '{']] });
    const warnings = () => logged().match(/"job":"[^"]+","msg":"job cannot be read/g) ?? [];
    await vi.waitFor(() => expect(warnings()).toHaveLength(1), 6_000);
    await call(app, 'POST', `/v1/jobs/${other}/cancel`);
    await live.until(() => live.events.some(({ data }) => data.id === other && data.state === 'cancelled'));
    expect(warnings()).toEqual([expect.stringContaining(broken)]);
    expect((await call(app, 'GET', '/metrics')).text).toContain('\ngradsmith_unreadable_jobs 1\n');

    await store.commit(broken, { expected: [], writes: [['job', values[0]!.replace('"seq":', '"seq":1')]] });
    await live.until(() => live.events.filter(({ data }) => data.id === broken).length > 1);
    expect((await call(app, 'GET', '/metrics')).text).toContain('\ngradsmith_unreadable_jobs 0\n');
  }, 30_000);
});

describe('the events of a job', () => {
  test('report each move once and in order, and the state of the job', async () => {
    const { app } = await startService();
    await app.listen({ port: 0 });
    const id = await create(app, externalJob);
    const live = await read(app, `/v1/jobs/${id}/events?after=0`);
    expect(live.response.headers.get('content-type')).toContain('text/event-stream');
    expect(live.response.headers.get('x-content-type-options')).toBe('nosniff');
    await work(app, id, x);
    await live.until(() => live.events.some(({ data }) => data.state === 'completed'));
    const seqs = live.events.filter(({ event }) => event === 'trial').map(({ data }) => data.seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(new Set(seqs).size).toBe(18);
    for (let n = 0; n < 6; n++)
      expect(
        moves(live.events)
          .filter((move) => move.startsWith(`${n} `))
          .map((move) => move.split(' ')[1]),
      ).toEqual(['create', 'start', 'complete']);
    expect(live.events.at(-1)).toMatchObject({ event: 'job', data: { id, state: 'completed', settled: 6 } });

    // From any place the rest comes, the same as it came live.
    const middle = live.events.filter(({ event }) => event === 'trial')[7]!.id;
    const resumed = await read(app, `/v1/jobs/${id}/events`, { 'last-event-id': middle });
    await resumed.until(() => resumed.events.some(({ event }) => event === 'job'));
    expect(moves(resumed.events)).toEqual(moves(live.events).slice(8));
    const whole = await read(app, `/v1/jobs/${id}/events?after=0`);
    await whole.until(() => whole.events.some(({ event }) => event === 'job'));
    expect(moves(whole.events)).toEqual(moves(live.events));
  });

  test('start with the state of the job, report changes without a signal, and finish when it is deleted', async () => {
    const { app, ledger } = await startService();
    await app.listen({ port: 0 });
    const id = await create(app, externalJob);
    await work(app, id, x);
    const live = await read(app, `/v1/jobs/${id}/events`);
    await live.until(() => live.events.length === 1);
    expect(live.events[0]).toMatchObject({ event: 'job', data: { state: 'completed' } });
    await invalidateTrial(ledger, id, '2', 'bad disk');
    await live.until(() => live.events.length === 3);
    expect(live.events[1]).toMatchObject({
      event: 'trial',
      data: { move: 'invalidate', trial: { id: '2', reason: 'bad disk' } },
    });
    await call(app, 'DELETE', `/v1/jobs/${id}`);
    await live.reading;
    expect(live.events.at(-1)).toMatchObject({ event: 'deleted', data: { job: id } });
  });

  test('are refused for a job that does not exist and for too many readers, without a ledger error', async () => {
    const { app } = await startApi({ maxStreams: 1 });
    await app.listen({ port: 0 });
    expect((await call(app, 'GET', '/v1/jobs/job_00000000000000000000/events')).status).toBe(404);
    expect((await call(app, 'GET', '/v1/events?after=x')).status).toBe(422);
    await read(app, '/v1/events');
    expect(await call(app, 'GET', '/v1/events')).toMatchObject({ status: 503, body: { code: 'busy' } });
    expect((await call(app, 'GET', '/metrics')).text).toContain('gradsmith_ledger_errors_total 0');
  });

  test('finish at once when the service stops', async () => {
    const { app } = await startApi();
    await app.listen({ port: 0 });
    const id = await create(app, externalJob);
    const streams = await Promise.all([read(app, `/v1/jobs/${id}/events`), read(app, '/v1/events')]);
    const start = performance.now();
    await app.close();
    await Promise.all(streams.map(({ reading }) => reading));
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe('the events of all jobs', () => {
  test('report new, changed and deleted jobs, and after a pause those that changed during it', async () => {
    const { app } = await startApi();
    await app.listen({ port: 0 });
    const old = await create(app, { ...externalJob, name: 'old' });
    const live = await read(app, '/v1/events');
    const id = await create(app, externalJob);
    await call(app, 'POST', `/v1/jobs/${id}/cancel`);
    await live.until(() => live.events.some(({ data }) => data.id === id && data.state === 'cancelled'));
    expect(live.events[0]).toMatchObject({ event: 'open', data: {} });
    expect(live.events.slice(1).every(({ data }) => data.id === id)).toBe(true);
    const last = live.events.at(-1)!.id;
    live.stop.abort();
    await live.reading;
    await call(app, 'POST', `/v1/jobs/${old}/cancel`);
    const resumed = await read(app, '/v1/events', { 'last-event-id': last });
    await resumed.until(() => resumed.events.some(({ data }) => data.id === old && data.state === 'cancelled'));
    await call(app, 'DELETE', `/v1/jobs/${old}`);
    await resumed.until(() => resumed.events.some(({ event, data }) => event === 'deleted' && data.job === old));
  });

  test('report after a pause a job that had finished before the last event and was not noticed yet', async () => {
    const { app, ledger } = await startApi({ maxStreams: 1 });
    await app.listen({ port: 0 });
    const quiet = await create(app, { ...externalJob, name: 'quiet' });
    const live = await read(app, '/v1/events');
    // As the coordinator finishes jobs, without a signal.
    await steerJob(ledger, quiet, 'cancel');
    await delay(10);
    const id = await create(app, externalJob);
    await live.until(() => live.events.some(({ data }) => data.id === id));
    const last = live.events.findLast(({ data }) => data.id === id)!.id;
    live.stop.abort();
    await live.reading;
    // The service refuses another stream until it has noticed that nobody reads this one.
    const resumed = await vi.waitUntil(async () => {
      const next = await read(app, '/v1/events', { 'last-event-id': last });
      return next.response.ok && next;
    }, 10_000);
    await resumed.until(() => resumed.events.some(({ data }) => data.id === quiet && data.state === 'cancelled'));
  });

  test('have times of the ledger, also for a deletion', async () => {
    const { app } = await startApi({}, (store) => {
      const readNow = store.read.bind(store);
      store.read = async (...args) => readNow(...args).then(({ now, values }) => ({ now: now - 3_600_000, values }));
      return store;
    });
    await app.listen({ port: 0 });
    const live = await read(app, '/v1/events');
    const id = await create(app, externalJob);
    await live.until(() => live.events.some(({ event }) => event === 'job'));
    await call(app, 'DELETE', `/v1/jobs/${id}`);
    await live.until(() => live.events.some(({ event }) => event === 'deleted'));
    for (const event of live.events) expect(Math.abs(Number(event.id) - (Date.now() - 3_600_000))).toBeLessThan(60_000);
  });

  test('cause no reads after a reader that could not be served', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    let reads = 0;
    const { app } = await startApi({}, (store) => {
      const list = store.list.bind(store);
      store.list = (query) => {
        if (!query.active) throw new LedgerUnavailable('gone');
        reads += 1;
        return list(query);
      };
      return store;
    });
    await app.listen({ port: 0 });
    expect((await call(app, 'GET', '/v1/events?after=0')).status).toBe(503);
    const before = reads;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reads).toBe(before);
    // With a reader, the active jobs are read at once and then every few seconds.
    await read(app, '/v1/events');
    const opened = reads;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([opened - before, reads > opened]).toEqual([1, true]);
  });
});
