// Finds jobs by name, label and id among 10,000, in both storages and by the command line. See README.md.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJob, listJobs, type JobQuery } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { parseJob } from '@gradsmith/core/spec';
import { SqliteStore } from '@gradsmith/embedded';
import { connectRedis } from '@gradsmith/redis';
import { MemoryLog } from '@gradsmith/testing';
import { numberFrom, readOptions } from '../lib/options.ts';
import { checkClaim, formatShows, type Show } from '../lib/shows.ts';
import { measureCommand } from './find-by-command.ts';
import { computeQuantile, sendRequest } from './load.ts';
import { startService } from './service.ts';

const values = readOptions({
  command: 'node bench/api/find-jobs.ts',
  does: [
    'Finds jobs among many by name, label and id, over HTTP with Redis, in a SQLite file and by the command line.',
    'Needs redis-server. Two minutes; ends with status 1 where a claim is missed.',
  ],
  quick: '1,000 jobs instead of 10,000; 30 s',
  options: { jobs: { takes: '<n>', meaning: 'jobs to create', initial: '10000', parse: numberFrom(100) } },
  examples: ['node bench/api/find-jobs.ts', 'node bench/api/find-jobs.ts --quick --json jobs.json'],
});
const JOBS = values.quick ? 1_000 : values.jobs;
const CREATED_AT_ONCE = 50;
const REPEATS = 40;
const MOST_MS = 50;
/** Runs of the command with each of two services. */
const COMMANDS = values.quick ? 5 : 25;

/** One kind of list. `n` is the number of the wanted job. */
interface Search {
  name: string;
  query(n: number): Partial<JobQuery>;
  /** The list must have this job first; null: any. */
  isExact: boolean;
}

const searches: readonly Search[] = [
  { name: 'the whole name', query: (n) => ({ fullName: toName(n), limit: 1 }), isExact: true },
  { name: 'part of the name', query: (n) => ({ name: `-${n}-`, limit: 5 }), isExact: true },
  { name: 'the start of the id', query: (n) => ({ idStart: toId(n).slice(0, 16), limit: 5 }), isExact: true },
  { name: 'a label of one job', query: (n) => ({ labels: [`run:${n}`], limit: 5 }), isExact: true },
  { name: 'a page of 20 of all jobs', query: () => ({ limit: 20 }), isExact: false },
  {
    name: 'a page of 20 with a label of half the jobs',
    query: () => ({ labels: ['odd:1'], limit: 20 }),
    isExact: false,
  },
];

const toName = (n: number): string => `sweep-${n}-x`;
// The number comes first, so that each start of an id belongs to one job.
const toId = (n: number): string => `job_${String(n).padStart(10, '0')}0000000000`;

async function createJobs(ledger: Ledger, count = JOBS): Promise<void> {
  const create = async (n: number): Promise<void> => {
    const spec = parseJob({
      name: toName(n),
      labels: { run: String(n), odd: String(n % 2) },
      objective: { kind: 'external', metric: { name: 'x', direction: 'minimize' } },
      space: { x: { type: 'float', low: 0, high: 1 } },
      search: { algorithm: 'random', trials: 100, seed: n },
    });
    await createJob(ledger, toId(n), spec);
  };
  for (let from = 0; from < count; from += CREATED_AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(CREATED_AT_ONCE, count - from) }, (_, i) => create(from + i)));
  }
}

type List = (query: JobQuery) => Promise<string[]>;

/** Measures each search. Throws if a job is not found. */
async function measure(storage: string, list: List): Promise<{ shows: Show[]; measured: object }> {
  const shows: Show[] = [];
  const measured: Record<string, object> = {};
  for (const { name, query, isExact } of searches) {
    const times: number[] = [];
    for (let i = 0; i < REPEATS; i++) {
      const n = Math.floor((i / REPEATS) * JOBS) + (i % 2);
      const start = performance.now();
      const ids = await list({ limit: 20, ...query(n) });
      times.push(performance.now() - start);
      if (isExact && ids[0] !== toId(n)) throw new Error(`${storage}: ${toName(n)} is not found by ${name}`);
    }
    const [median, p95] = [0.5, 0.95].map((quantile) => computeQuantile(times, quantile));
    measured[name] = { median, p95 };
    shows.push(checkClaim(`${storage}: ${name}, median of ${REPEATS}`, median!, 'ms', ['below', MOST_MS]));
  }
  return { shows, measured };
}

type Measured = Awaited<ReturnType<typeof measure>>;

/** Starts an API on a Redis with so many jobs. */
async function withJobs<T>(count: number, use: (url: string) => Promise<T>): Promise<T> {
  const service = await startService(process.env, ['api']);
  const ports = await connectRedis({ url: service.redisUrl }, new MemoryLog());
  try {
    await createJobs(new Ledger(ports.store), count);
    return await use(service.url);
  } finally {
    await ports.close();
    await service.stop();
  }
}

async function measureHttp(url: string): Promise<Measured> {
  return measure('HTTP with Redis', async ({ idStart, labels = [], ...query }) => {
    const parameters = new URLSearchParams();
    for (const [key, value] of Object.entries(query)) parameters.set(key, String(value));
    if (idStart !== undefined) parameters.set('id', idStart);
    for (const label of labels) parameters.append('label', label);
    const { status, text } = await sendRequest(`${url}/v1/jobs?${parameters}`, 'GET');
    if (status !== 200) throw new Error(text);
    return (JSON.parse(text) as { items: { id: string }[] }).items.map(({ id }) => id);
  });
}

async function measureCommandLine(url: string): Promise<Measured> {
  return withJobs(1, async (small) => {
    const many = { url, nameOf: (turn: number) => toName(Math.floor((turn / COMMANDS) * JOBS)) };
    const times = await measureCommand(many, { url: small, nameOf: () => toName(0) }, COMMANDS);
    const claim = `the command line: status of a name, median of ${COMMANDS}, more than with one job`;
    const shows = [checkClaim(claim, times.many - times.one, 'ms', ['below', MOST_MS])];
    return { shows, measured: times };
  });
}

async function measureSqlite(): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-bench-'));
  const store = await SqliteStore.open({ file: join(folder, 'ledger.sqlite') });
  try {
    const ledger = new Ledger(store);
    await createJobs(ledger);
    return await measure('SQLite', async (query) => (await listJobs(ledger, query)).items.map(({ id }) => id));
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

const [redis, command] = await withJobs(JOBS, async (url) => [await measureHttp(url), await measureCommandLine(url)]);
const sqlite = await measureSqlite();
const shows = [...redis.shows, ...command.shows, ...sqlite.shows];
const circumstances = {
  date: new Date().toISOString().slice(0, 16),
  machine: `${cpus().length} × ${cpus()[0]?.model}`,
  load: loadavg()[0],
  jobs: JOBS,
};
console.log(formatShows(shows));
const report = {
  circumstances,
  shows,
  measured: { redis: redis.measured, command: command.measured, sqlite: sqlite.measured },
};
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
if (shows.some(({ pass }) => pass === false)) process.exitCode = 1;
