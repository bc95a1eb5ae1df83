// Measures how long /healthz waits while one job of many trials is imported, exported and read, on a real Redis.
// node bench/api/event-loop.ts [TRIALS] [MAIN] prints one line for each kind of load. MAIN is the API's main file.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createLargeDocument, freePort, startRedis } from '@gradsmith/testing';

const { positionals } = parseArgs({ allowPositionals: true });
const trials = Number(positionals[0] ?? 50_000);
const main = positionals[1] ?? fileURLToPath(new URL('../../apps/api/src/main.ts', import.meta.url));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;

/** Runs the load while /healthz is asked every 20 ms; prints the statuses and the waits. */
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
  const at = (share: number): string => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))]!.toFixed(0);
  console.log(
    `${what.padEnd(26)} ${seconds.toFixed(1).padStart(6)} s  healthz p50 ${at(0.5)} p99 ${at(0.99)} max ${at(1)} ms  ` +
      `statuses ${[...new Set(statuses)].map((s) => `${s}×${statuses.filter((t) => t === s).length}`).join(' ')}`,
  );
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
const api = spawn(process.execPath, [main], {
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
  console.log(`the API ${api.exitCode === null ? 'is running' : 'has exited'}`);
} finally {
  if (api.exitCode === null) {
    api.kill();
    await once(api, 'exit');
  }
  await redis.stop();
}
