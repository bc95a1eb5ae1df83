// Attacks the whole service at once: ten hostile jobs, four large imports, event streams that nobody reads, and
// requests that must be refused. Other callers notice nothing: they get their answers, their jobs keep their pace, and
// no process of the service is restarted. The processes have the memory limits of docker-compose.yml.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLargeDocument, freePort, waitUntil } from '@gradsmith/testing';
import { afterEach, expect, test } from 'vitest';
import { createMemoryLimit, type MemoryLimit } from '../../src/cluster/memory-limit.ts';
import type { ProductProcess } from '../../src/load/product-process.ts';
import { Bench } from '../bench.ts';
import { createVictim, hostileJobs, modules, refusedRequests } from './hostile-jobs.ts';

/** Trials of each imported job. 50,000 are close to the limit of a document, 64 MiB. */
const IMPORTED = Number(process.env.GRADSMITH_TEST_IMPORTED ?? 20_000);
const VICTIMS = 6;
const TRIALS = 12;
const MIB = 2 ** 20;

const folder = mkdtempSync(join(tmpdir(), 'gradsmith-hostile-'));
const limits: MemoryLimit[] = [];
let bench: Bench;
afterEach(async () => {
  await bench.stop();
  for (const limit of limits) limit.remove();
  rmSync(folder, { recursive: true, force: true });
});

function limitMemory(product: ProductProcess, name: string, bytes: number): void {
  const limit = createMemoryLimit(`gradsmith-hostile-${process.pid}-${name}`, bytes);
  if (!limit) throw new Error('this test needs control groups that it may create (in a container: --privileged)');
  limits.push(limit);
  limit.add(product.pid);
}

/** Starts the service. Returns its address and the processes that must not exit. */
async function startService(): Promise<{ url: string; processes: ProductProcess[] }> {
  for (const [name, source] of Object.entries(modules)) writeFileSync(join(folder, `${name}.mjs`), source);
  bench = await Bench.start(10_000, {
    fates: Object.fromEntries(['reference', 0, 1, 2, 3].map((trial) => [String(trial), 'segfault'])),
  });
  const port = await freePort();
  const processes = await Promise.all([
    bench.launch('api', { GRADSMITH_PORT: String(port), GRADSMITH_REQUESTS_PER_MINUTE: '1000000' }),
    bench.launch('coordinator', { GRADSMITH_SUGGESTION_LIMIT_MS: '10000' }),
    bench.launch('worker', { GRADSMITH_MODULES: folder, GRADSMITH_SLOTS: '12', GRADSMITH_WORKER_NAME: 'modules' }),
    bench.launch('worker', { GRADSMITH_SLOTS: '1', GRADSMITH_WORKER_NAME: 'trainer' }),
  ]);
  const [api, coordinator] = processes;
  limitMemory(api!, 'api', 768 * MIB);
  limitMemory(coordinator!, 'coordinator', 1_024 * MIB);
  return { url: `http://127.0.0.1:${port}`, processes };
}

/** The service as one caller sees it. */
class Caller {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async send(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
    const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const text = body === undefined ? null : JSON.stringify(body);
    const response = await fetch(`${this.#url}${path}`, { method, headers, body: text });
    return { status: response.status, text: await response.text() };
  }

  async create(job: object): Promise<string> {
    const { status, text } = await this.send('POST', '/v1/jobs', job);
    expect(status, text.slice(0, 500)).toBe(201);
    return (JSON.parse(text) as { id: string }).id;
  }

  /** Creates ordinary jobs and returns the time until all are finished, ms. */
  async measurePace(run: string): Promise<{ ms: number; ids: string[] }> {
    const start = performance.now();
    const ids: string[] = [];
    for (let i = 0; i < VICTIMS; i++) ids.push(await this.create(createVictim(`${run}-${i}`, TRIALS)));
    for (const id of ids) {
      const job = await bench.waitUntilFinished(id, 180_000);
      expect(job, job.reason ?? '').toMatchObject({ state: 'completed', counts: { complete: TRIALS } });
    }
    return { ms: performance.now() - start, ids };
  }

  /** Requests of a caller who has nothing to do with the attacks. */
  async checkBystander(id: string): Promise<void> {
    const paths = ['/readyz', '/metrics', '/v1/jobs', '/v1/jobs?sort=name', '/v1/jobs?sort=-best', '/v1/workers'];
    const ofJob = ['', '/status', '/trials', '/trials/0', '/best', '/trials.csv', '/export'];
    for (const path of [...paths, ...ofJob.map((part) => `/v1/jobs/${id}${part}`)]) {
      const { status, text } = await this.send('GET', path);
      expect([path, status, text.slice(0, 200)]).toEqual([path, 200, expect.any(String)]);
    }
  }
}

/** Asks for /healthz until `stop` is called, which returns the waits, ms, in order. */
function probeHealth(url: string): { stop(): Promise<number[]> } {
  const waits: number[] = [];
  const finished = new AbortController();
  const probing = (async () => {
    while (!finished.signal.aborted) {
      const start = performance.now();
      // The service is gone if the test has failed.
      if ((await fetch(`${url}/healthz`).catch(() => null)) === null) return;
      waits.push(performance.now() - start);
      await delay(20);
    }
  })();
  return {
    stop: async () => {
      finished.abort();
      await probing;
      return waits.sort((a, b) => a - b);
    },
  };
}

/** Opens event streams that nobody reads. Returns how many were accepted. */
async function floodWithStreams(url: string, id: string, signal: AbortSignal): Promise<number> {
  const statuses = await Promise.all(
    Array.from({ length: 150 }, async (_, i) => {
      const path = i % 2 ? '/v1/events' : `/v1/jobs/${id}/events`;
      return (await fetch(url + path, { signal })).status;
    }),
  );
  // Places are limited for each caller, and a busy service refuses, too.
  expect([...new Set(statuses)].filter((status) => ![200, 429, 503].includes(status))).toEqual([]);
  return statuses.filter((status) => status === 200).length;
}

/** Sends large documents at once; a service that is busy refuses some with 503. Returns the statuses. */
async function importAtOnce(caller: Caller): Promise<number[]> {
  const ids = Array.from({ length: 4 }, (_, i) => `job_${String(i).padStart(20, 'f')}`);
  return Promise.all(
    ids.map(async (id) => (await caller.send('POST', '/v1/jobs/import', createLargeDocument(IMPORTED, id))).status),
  );
}

test('ten hostile jobs, four large imports and floods of streams and requests hurt no other caller', async () => {
  const { url, processes } = await startService();
  const caller = new Caller(url);
  const before = await caller.measurePace('before');
  const victim = before.ids[0]!;

  const streams = new AbortController();
  const health = probeHealth(url);
  const hostile: string[] = [];
  for (const job of hostileJobs) hostile.push(await caller.create(job));
  const accepted = await floodWithStreams(url, hostile.at(-1)!, streams.signal);
  const [during, imports] = await Promise.all([
    caller.measurePace('during'),
    importAtOnce(caller),
    (async () => {
      for (const [reason, method, path, body] of refusedRequests) {
        const { status } = await caller.send(method, path, body);
        expect([reason, Math.floor(status / 100)]).toEqual([reason, 4]);
        await caller.checkBystander(victim);
      }
    })(),
  ]);
  const waits = await health.stop();
  streams.abort();
  await caller.checkBystander(victim);

  const ended = await Promise.all(
    ['endless-suggestion', 'slow-suggestion', 'forks', 'crashes'].map(async (name) => {
      const id = hostile[hostileJobs.findIndex((job) => job.name === name)]!;
      const { state, reason } = await bench.waitUntilFinished(id, 120_000);
      return [name, state, reason];
    }),
  );
  const after = await caller.measurePace('after');
  const p99 = waits[Math.floor(waits.length * 0.99)]!;
  const pace = Math.max(before.ms, after.ms) / during.ms;
  console.log({
    before: before.ms,
    during: during.ms,
    after: after.ms,
    pace,
    p99,
    probes: waits.length,
    imports,
    accepted,
  });

  expect(ended).toEqual([
    ['endless-suggestion', 'completed', null],
    ['slow-suggestion', 'completed', null],
    ['forks', 'completed', null],
    ['crashes', 'failed', expect.stringContaining('SIGSEGV')],
  ]);
  await waitUntil(() => !execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes('sleep 7208'), 10_000);
  expect(imports.every((status) => status === 201 || status === 503)).toBe(true);
  expect(imports).toContain(201);
  expect(processes.map(({ exited }) => exited)).toEqual(processes.map(() => false));
  expect(limits.map((limit) => limit.countKills())).toEqual([0, 0]);
  // Six jobs of twelve trials of a second each, at the same time.
  expect(before.ms, 'this machine is too busy to measure the pace').toBeLessThan(TRIALS * 2_500);
  expect(pace).toBeGreaterThan(0.8);
  expect(p99).toBeLessThan(250);
});
