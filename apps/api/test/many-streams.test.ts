import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireJobLease, advanceJobState, createJob, importJob, jobDocumentSchema } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { parseJob } from '@gradsmith/core/spec';
import { createTrial } from '@gradsmith/core/trials';
import { connectRedis } from '@gradsmith/redis';
import { createLargeDocument, largeJobId, startRedis, waitUntil } from '@gradsmith/testing';
import { expect, onTestFinished, test } from 'vitest';
import { makeKey } from '../src/index.ts';
import { externalJob, silent } from './support.ts';

const KEYS = 10;
const PER_KEY = 200;
const SLOW_PER_KEY = 20;
const TRIALS = 20;
/** Trials of the job that slow readers ask for from its start: more than the buffers of a connection hold. */
const LARGE = 5_000;
const OPENED_AT_ONCE = 100;
const MAX_GROWTH_MB = 500;

const jobId = 'job_00000000000000000001';

/** A client of a stream; `seen` are the trials of which it got an event. */
interface Client {
  status: number;
  seen: Set<string>;
}

/** Opens a stream without a library, so that 2,000 of them cost this process little. */
async function openStream(url: URL, path: string, key: string, reads: boolean): Promise<Client> {
  const socket = connect(Number(url.port), url.hostname);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  const client: Client = { status: 0, seen: new Set() };
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: Bearer ${key}\r\n\r\n`);
  if (!reads) return client;
  const started = Promise.withResolvers<void>();
  let rest = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    client.status ||= Number(text.split(' ', 2)[1]);
    started.resolve();
    const events = (rest + text).split('\n\n');
    rest = events.pop()!;
    for (const event of events) {
      const trial = /event: trial[\s\S]*?"id":"(\d+)"/.exec(event);
      if (trial) client.seen.add(trial[1]!);
    }
  });
  await started.promise;
  return client;
}

async function askPeak(child: ChildProcess): Promise<number> {
  child.send('peak');
  const [{ peak }] = (await once(child, 'message')) as [{ peak: number }];
  return Math.round(peak / 2 ** 20);
}

async function startProcess(redisUrl: string, prefix: string) {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-streams-'));
  const file = join(folder, 'keys.json');
  const made = Array.from({ length: KEYS + 1 }, (_, n) => ({ id: `caller-${n}`, ...makeKey(`caller-${n}`) }));
  writeFileSync(file, JSON.stringify({ keys: made.map(({ id, hash }) => ({ id, hash, scopes: ['read'] })) }));
  const child = fork(new URL('stream-service.ts', import.meta.url), [redisUrl, prefix, file], { stdio: 'inherit' });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    rmSync(folder, { recursive: true });
  });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return { child, url: new URL(url), keys: made.map(({ key }) => key) };
}

// `pnpm test:hostile` runs it: it takes half a minute.
test.runIf(process.env.GRADSMITH_TEST_STREAMS)(
  '2,000 streams, 200 of them unread, in bounded memory: the others get every event, and callers keep their limits',
  async () => {
    const redis = await startRedis(process.env);
    onTestFinished(async () => redis.stop());
    const prefix = `streams-${randomUUID()}`;
    const ports = await connectRedis({ url: redis.url, prefix }, silent);
    onTestFinished(async () => ports.close());
    const ledger = new Ledger(ports.store);
    await createJob(ledger, jobId, parseJob({ ...externalJob, search: { algorithm: 'random', trials: 100 } }));
    await importJob(ledger, jobDocumentSchema.parse(createLargeDocument(LARGE)));
    const { child, url, keys } = await startProcess(redis.url, prefix);
    const before = await askPeak(child);

    const path = `/v1/jobs/${jobId}/events`;
    const healthy: Client[] = [];
    for (const key of keys.slice(0, KEYS)) {
      for (let from = 0; from < PER_KEY; from += OPENED_AT_ONCE) {
        const opened = await Promise.all(
          Array.from({ length: OPENED_AT_ONCE }, async (_, n) => {
            const reads = from + n >= SLOW_PER_KEY;
            const client = await openStream(url, reads ? path : `/v1/jobs/${largeJobId}/events?after=0`, key, reads);
            return reads ? [client] : [];
          }),
        );
        healthy.push(...opened.flat());
      }
    }
    expect(healthy).toHaveLength(KEYS * (PER_KEY - SLOW_PER_KEY));
    expect(healthy.every(({ status }) => status === 200)).toBe(true);
    expect((await openStream(url, path, keys[0]!, true)).status).toBe(429);
    const another = async (): Promise<number> => (await openStream(url, path, keys[KEYS]!, true)).status;
    expect([await another(), await another()]).toEqual([200, 503]);

    const held = await acquireJobLease(ledger, jobId, 'test', 60_000);
    const fenced = { jobId, fence: held.kind === 'held' ? held.fence : -1 };
    await advanceJobState(ledger, fenced, 'start');
    const delays: number[] = [];
    for (let n = 0; n < TRIALS; n++) {
      const point = { depth: 3, share: 0.5, criterion: 'gini' };
      const source = { kind: 'fixed', seenSeq: 0 } as const;
      const trial = { id: String(n), role: 'search', number: n, confirms: null, point, seed: 0, source } as const;
      expect(await createTrial(ledger, fenced, trial)).toBe('created');
      const start = performance.now();
      expect((await fetch(new URL('/healthz', url))).status).toBe(200);
      delays.push(performance.now() - start);
    }
    await waitUntil(() => healthy.every(({ seen }) => seen.size === TRIALS), 60_000);
    const peak = await askPeak(child);
    console.log(`RSS before ${before} MB, peak ${peak} MB; /healthz at most ${Math.round(Math.max(...delays))} ms`);
    expect(peak - before).toBeLessThan(MAX_GROWTH_MB);
  },
  300_000,
);
