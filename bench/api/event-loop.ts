// Measures how long /healthz waits while one job of many trials is imported, exported and read, on a real Redis.
// Prints one line for each kind of load.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createLargeDocument, freePort, startRedis } from '@gradsmith/testing';
import { numberFrom, readOptions } from '../lib/options.ts';
import { checkClaim, formatShows, formatTable } from '../lib/shows.ts';

const options = readOptions({
  command: 'node bench/api/event-loop.ts',
  does: ['Measures how long /healthz waits while a large job is imported, exported and read.'],
  quick: 'a job of 10,000 trials, under 50 s',
  options: {
    trials: { takes: '<n>', meaning: 'trials of the job', initial: '50000', parse: numberFrom(1) },
    main: {
      takes: '<file>',
      meaning: 'main file of the API',
      initial: fileURLToPath(new URL('../../apps/api/src/main.ts', import.meta.url)),
      parse: (text: string) => text,
    },
  },
  examples: ['node bench/api/event-loop.ts --quick', 'node bench/api/event-loop.ts --trials 20000'],
});
const trials = options.quick ? Math.min(10_000, options.trials) : options.trials;

/** The longest wait that is acceptable, ms: a caller does not notice that somebody else reads a large job. */
const LONGEST_WAIT_MS = 250;

interface Row {
  readonly load: string;
  readonly seconds: number;
  /** Waits of /healthz, ms. */
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
  /** Statuses of the load's answers; 0: no answer. */
  readonly statuses: readonly number[];
}

const rows: Row[] = [];
const port = await freePort();
const url = `http://127.0.0.1:${port}`;

/** Runs the load while /healthz is asked every 20 ms. */
async function measure(what: string, load: () => Promise<number[]>): Promise<void> {
  const waits: number[] = [];
  const finished = new AbortController();
  const probing = (async () => {
    while (!finished.signal.aborted) {
      const start = performance.now();
      await (await fetch(`${url}/healthz`)).text();
      waits.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const start = performance.now();
  const statuses = await load();
  const seconds = (performance.now() - start) / 1_000;
  finished.abort();
  await probing;
  waits.sort((a, b) => a - b);
  const at = (share: number): number => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))]!;
  rows.push({ load: what, seconds, median: at(0.5), p99: at(0.99), longest: at(1), statuses });
}

function formatRow({ load, seconds, median, p99, longest, statuses }: Row): string[] {
  const counts = [...new Set(statuses)].map((status) => `${status}×${statuses.filter((one) => one === status).length}`);
  return [load, seconds.toFixed(1), ...[median, p99, longest].map((wait) => wait.toFixed(0)), counts.join(' ')];
}

/** Returns whether a load may get this status. */
function isExpected(status: number): boolean {
  return status === 503 || (status >= 200 && status < 300);
}

async function read(path: string): Promise<number> {
  try {
    const answer = await fetch(`${url}${path}`);
    if (answer.body) for await (const chunk of answer.body) void chunk;
    return answer.status;
  } catch {
    return 0;
  }
}

const many = (count: number, path: string) => async (): Promise<number[]> =>
  Promise.all(Array.from({ length: count }, async () => read(path)));

async function post(body: string): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  try {
    return (await fetch(`${url}/v1/jobs/import`, { method: 'POST', headers, body })).status;
  } catch {
    return 0;
  }
}

const redis = await startRedis(process.env);
const api = spawn(process.execPath, [options.main], {
  env: { ...process.env, REDIS_URL: redis.url, GRADSMITH_PORT: String(port), LOG_LEVEL: 'error' },
  stdio: ['ignore', 'inherit', 'inherit'],
});
try {
  for (;;) {
    if (
      await fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const createId = (text: string): string => `job_${createHash('sha256').update(text).digest('hex').slice(0, 20)}`;
  const id = createId('large');
  const body = JSON.stringify(createLargeDocument(trials, id));
  console.log(`${trials} trials, ${(body.length / 1e6).toFixed(1)} MB`);
  await measure('import', async () => [await post(body)]);
  await measure('export', many(1, `/v1/jobs/${id}/export`));
  await measure('six exports', many(6, `/v1/jobs/${id}/export`));
  await measure('six CSV', many(6, `/v1/jobs/${id}/trials.csv`));
  await measure('six JSON lines', many(6, `/v1/jobs/${id}/trials.jsonl`));
  await measure('importance', many(1, `/v1/jobs/${id}/importance`));
  await measure('twenty best', many(20, `/v1/jobs/${id}/best`));
  await measure('best again', many(20, `/v1/jobs/${id}/best`));
  await measure('five sorted pages', many(5, `/v1/jobs/${id}/trials?sort=value`));
  const others = ['a', 'b', 'c', 'd'].map((name) => JSON.stringify(createLargeDocument(trials, createId(name))));
  await measure('four imports', async () => Promise.all(others.map(post)));
  const answers = rows.flatMap(({ statuses }) => statuses);
  const shows = [
    ...rows.map(({ load, longest }) => checkClaim(`${load}: longest wait`, longest, 'ms', ['below', LONGEST_WAIT_MS])),
    // A service that is busy refuses further imports with 503.
    checkClaim('failed answers', answers.filter((status) => !isExpected(status)).length, '', ['at most', 0]),
    checkClaim('API processes that exited', api.exitCode === null ? 0 : 1, '', ['at most', 0]),
  ];
  const head = ['load', 'seconds', 'wait: median', 'p99', 'longest, ms', 'statuses'];
  console.log(`${formatTable([head, ...rows.map(formatRow)])}\n\n${formatShows(shows)}`);
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ quick: options.quick, trials, shows, rows }, null, 1)}\n`);
} finally {
  if (api.exitCode === null) {
    api.kill();
    await once(api, 'exit');
  }
  await redis.stop();
}
