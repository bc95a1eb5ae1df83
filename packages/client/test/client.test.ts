import type { JobDocument } from '@gradsmith/core/jobs';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  ApiProblem,
  ConnectionError,
  Gradsmith,
  isTransient,
  NoAnswer,
  work,
  type ClientOptions,
  type JobEvent,
} from '../src/index.ts';

const job = { id: 'job_00000000000000000001', name: 'forest', state: 'queued' };

/** A service that gives these answers, one for each request; the last one again and again. */
function serve(...answers: (Response | Error)[]): ClientOptions & { sent: [string, RequestInit][] } {
  const sent: [string, RequestInit][] = [];
  return {
    url: 'http://service',
    sent,
    fetch: async (address, init) => {
      sent.push([String(address), init!]);
      const answer = answers[Math.min(sent.length, answers.length) - 1]!;
      if (answer instanceof Error) throw answer;
      return answer.clone();
    },
  };
}

function createFailure(code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(`connect ${code}`), { code }) });
}

async function readEvents(service: Gradsmith): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of service.events(job.id)) events.push(event);
  return events;
}

function streamOf(...chunks: readonly string[]): Response {
  const encoder = new TextEncoder();
  return new Response(ReadableStream.from(chunks.map((chunk) => encoder.encode(chunk))));
}

test('returns whether a job is new, and sends the key of the caller', async () => {
  const service = serve(Response.json(job, { status: 201 }), Response.json(job, { status: 200 }));
  const client = new Gradsmith(service);
  const input = { name: 'forest' } as Parameters<Gradsmith['create']>[0];
  expect(await client.createOrFind(input, { key: 'mine' })).toEqual({ resource: job, created: true });
  expect(await client.createOrFind(input, { key: 'mine' })).toEqual({ resource: job, created: false });
  expect(new Headers(service.sent[0]![1].headers).get('idempotency-key')).toBe('mine');
});

test('repeats a call after a failure of the connection, except after a final one', async () => {
  const isFinal = ({ cause }: Error): boolean => (cause as { code: string }).code === 'ECONNREFUSED';
  const service = serve(createFailure('ECONNRESET'), createFailure('ECONNREFUSED'), Response.json({ items: [] }));
  await expect(new Gradsmith({ ...service, isFinal }).workers()).rejects.toMatchObject({
    name: 'ConnectionError',
    cause: { code: 'ECONNREFUSED' },
  });
  expect(service.sent).toHaveLength(2);
});

test('does not repeat after an error of the program', async () => {
  let calls = 0;
  const key = (): string => {
    calls++;
    throw new ReferenceError('storage is not defined');
  };
  const service = { ...serve(Response.json({ items: [] })), key };
  const client = new Gradsmith(service);
  await expect(client.workers()).rejects.toThrow(ReferenceError);
  await expect(readEvents(client)).rejects.toThrow(ReferenceError);
  await expect(work(client, job.id, async () => 1)).rejects.toThrow(ReferenceError);
  expect([calls, service.sent.length]).toEqual([3, 0]);
});

test('says which errors are transient', () => {
  const statuses = [400, 409, 429, 500, 503];
  expect(statuses.filter((status) => isTransient(new ApiProblem(status, {})))).toEqual([429, 500, 503]);
  expect(isTransient(new ConnectionError('fetch failed'))).toBe(true);
  expect(isTransient(new NoAnswer('http://service', 5))).toBe(true);
  for (const error of [
    new TypeError('x is not a function'),
    new SyntaxError('bad JSON'),
    new DOMException('', 'AbortError'),
  ])
    expect(isTransient(error)).toBe(false);
});

test('does not wait longer than retryForMs although the service asks for it', async () => {
  const busy = Response.json({ detail: 'busy', code: 'busy' }, { status: 503, headers: { 'retry-after': '60' } });
  const service = serve(busy);
  await expect(new Gradsmith({ ...service, retryForMs: 1_000 }).workers()).rejects.toMatchObject({ code: 'busy' });
  expect(service.sent).toHaveLength(1);
});

test('repeats a call whose answer has a date in Retry-After', async () => {
  const headers = { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' };
  const service = serve(new Response('', { status: 503, headers }), Response.json({ items: [] }));
  expect(await new Gradsmith(service).workers()).toEqual([]);
});

test('reports a service that does not answer in time', async () => {
  const silent: typeof fetch = (_, init) =>
    new Promise((_resolve, reject) => {
      init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason as Error));
    });
  const client = new Gradsmith({ url: 'http://service', fetch: silent, timeoutMs: 5, retryForMs: 0 });
  await expect(client.checkReady()).rejects.toThrow(NoAnswer);
});

test.each<[string, (client: Gradsmith) => Promise<unknown>]>([
  ['import', (client) => client.import({} as JobDocument)],
  ['importOrFind', (client) => client.importOrFind({} as JobDocument)],
  ['export', (client) => client.export(job.id)],
  ['downloadFile', (client) => client.downloadFile(job.id, 'trials.csv')],
])('gives %s ten minutes, because a document can be large', async (_, send) => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const slow: typeof fetch = (_address, init) =>
    new Promise((resolve, reject) => {
      init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason as Error));
      setTimeout(() => resolve(Response.json(job)), 599_000);
    });
  const answer = send(new Gradsmith({ url: 'http://service', fetch: slow, timeoutMs: 1_000, retryForMs: 0 }));
  // The rejection of a call that gave up earlier has a handler in time.
  const settled = Promise.allSettled([answer]);
  await vi.advanceTimersByTimeAsync(599_000);
  expect(await settled).toMatchObject([{ status: 'fulfilled' }]);
});

test('parses events in any chunks, with comments and both line ends, and continues after the last one', async () => {
  const service = serve(
    streamOf(
      ': hello\n\nid: 1\r\neve',
      'nt: job\r\ndata: {"name":\r\nda',
      'ta: "förest"}\r\n\r\nid: 2\nevent: re',
      'set\ndata: {}\n\nid: 3\nevent: job\ndata: {"lost":',
    ),
    streamOf('id: 3\nevent: deleted\ndata: {"job":"x"}\n\n'),
  );
  expect(await readEvents(new Gradsmith(service))).toEqual([
    { id: '1', event: 'job', data: { name: 'förest' } },
    { id: '2', event: 'reset', data: {} },
    { id: '3', event: 'deleted', data: { job: 'x' } },
  ]);
  expect(service.sent.map(([address]) => address)).toEqual([
    `http://service/v1/jobs/${job.id}/events`,
    `http://service/v1/jobs/${job.id}/events?after=2`,
  ]);
});

test('continues a stream of all jobs that broke before the first change', async () => {
  const service = serve(
    streamOf('retry: 2000\n\nid: 1000\nevent: open\ndata: {}\n\n'),
    streamOf('id: 1005\nevent: deleted\ndata: {"job":"x"}\n\n'),
  );
  for await (const event of new Gradsmith(service).allEvents()) {
    expect(event).toEqual({ id: '1005', event: 'deleted', data: { job: 'x' } });
    break;
  }
  expect(service.sent.map(([address]) => address)).toEqual([
    'http://service/v1/events',
    'http://service/v1/events?after=1000',
  ]);
});

test('thins a long curve evenly, so that the result fits a request', async () => {
  let reported: { curve: number[] } | undefined;
  const answerTo = (operation: string, body: string): object => {
    if (operation === 'tell') {
      reported = JSON.parse(body);
      return { answer: 'reported' };
    }
    if (operation === 'heartbeat') return { answer: 'continue' };
    if (reported) return { answer: 'finished', state: 'completed' };
    return {
      answer: 'trial',
      trial: '0',
      number: 0,
      point: {},
      seed: 1,
      attempt: 'a',
      lease: '60s',
      heartbeatEveryMs: 15_000,
    };
  };
  const service = new Gradsmith({
    url: 'http://service',
    fetch: async (address, init) => Response.json(answerTo(String(address).split('/').at(-1)!, String(init!.body))),
  });
  await work(service, job.id, async ({ report }) => {
    await report(0, 1e39);
    for (let step = 1; step <= 10_001; step++) await report(step, step);
    return 1;
  });
  expect(reported!.curve.slice(0, 3)).toEqual([1, 3, 5]);
  expect(reported!.curve).toHaveLength(5_001);
});

test('releases a trial that arrives after the program was asked to stop, and does not measure it', async () => {
  const stop = new AbortController();
  const sent: [string, string][] = [];
  const trial = { answer: 'trial', trial: '7', number: 7, point: {}, seed: 1, lease: '60s', heartbeatEveryMs: 15_000 };
  const service = new Gradsmith({
    url: 'http://service',
    fetch: async (address, init) => {
      const operation = String(address).split('/').at(-1)!;
      const body = JSON.parse(String(init!.body));
      sent.push([operation, body.attempt]);
      stop.abort();
      return Response.json(operation === 'ask' ? { ...trial, attempt: body.attempt } : { answer: 'released' });
    },
  });
  const objective = vi.fn<() => Promise<number>>(async () => 1);
  await work(service, job.id, objective, { signal: stop.signal });
  expect(objective).not.toHaveBeenCalled();
  const attempt = sent[0]![1];
  expect(sent).toEqual([
    ['ask', attempt],
    ['release', attempt],
  ]);
});

test('sends heartbeats as often as the service says in ms', async () => {
  const sent: string[] = [];
  const trial = { answer: 'trial', trial: '7', number: 7, point: {}, seed: 1, attempt: 'a', lease: '60s' };
  let beat = (): void => {};
  const answers: Record<string, object> = {
    heartbeat: { answer: 'continue' },
    tell: { answer: 'reported' },
  };
  const service = new Gradsmith({
    url: 'http://service',
    fetch: async (address) => {
      const operation = String(address).split('/').at(-1)!;
      sent.push(operation);
      if (operation === 'heartbeat') beat();
      if (operation === 'ask')
        return Response.json(
          sent.includes('tell') ? { answer: 'finished', state: 'completed' } : { ...trial, heartbeatEveryMs: 30 },
        );
      return Response.json(answers[operation]);
    },
  });
  const began = performance.now();
  await work(service, job.id, async () => {
    for (let beats = 0; beats < 3; beats++) await new Promise<void>((resolve) => (beat = resolve));
    return 1;
  });
  // A timer may be up to a millisecond early.
  expect(performance.now() - began).toBeGreaterThan(3 * 29);
  expect(sent).toEqual(['ask', 'heartbeat', 'heartbeat', 'heartbeat', 'tell', 'ask']);
});

test('keeps measuring after unexpected answers to reports and heartbeats', async () => {
  const unexpected = [
    new Response('<h1>Log in</h1>', { headers: { 'content-type': 'text/html' } }),
    Response.json(null),
    Response.json({ status: 'ok' }),
    Response.json({ detail: 'the key was revoked' }, { status: 403 }),
    new Response(''),
  ];
  const trial = { answer: 'trial', trial: '7', number: 7, point: {}, seed: 1, attempt: 'a', lease: '60s' };
  let isReported = false;
  let resume = (): void => {};
  const service = new Gradsmith({
    url: 'http://service',
    fetch: async (address) => {
      const operation = String(address).split('/').at(-1)!;
      if (operation === 'heartbeat') {
        if (!unexpected.length) resume();
        return unexpected.shift() ?? Response.json({ answer: 'continue' });
      }
      if (operation === 'tell') {
        isReported = true;
        return Response.json({ answer: 'reported' });
      }
      return Response.json(
        isReported ? { answer: 'finished', state: 'completed' } : { ...trial, heartbeatEveryMs: 30 },
      );
    },
  });
  const reports: boolean[] = [];
  await work(service, job.id, async ({ report }) => {
    for (const step of [1, 2, 3]) reports.push(await report(step, 0.5));
    await new Promise<void>((resolve) => (resume = resolve));
    return 1;
  });
  expect(reports).toEqual([true, true, true]);
  expect(isReported).toBe(true);
});
