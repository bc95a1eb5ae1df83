// Measures how long /healthz waits while one job of many trials is imported, exported and read, on a real Redis.
// node bench/api/event-loop.ts [TRIALS] [MAIN] prints one line for each kind of load. MAIN is the API's main file.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startRedis } from '@gradsmith/testing';

const { positionals } = parseArgs({ allowPositionals: true });
const trials = Number(positionals[0] ?? 50_000);
const main = positionals[1] ?? fileURLToPath(new URL('../../apps/api/src/main.ts', import.meta.url));
const port = 18_433;
const url = `http://127.0.0.1:${port}`;

/** Returns a finished job as a document, whose records are about as large as those of a real one. */
function createDocument(id: string): object {
  const values = Array.from({ length: trials }, (_, n) => ((n * 7919) % trials) / trials);
  const best = values.reduce((least, value, n) => (value < values[least]! ? n : least), 0);
  const point = (n: number): object => ({ x: values[n]!, y: (values[n]! * 3) % 1, z: n % 2 ? 'adam' : 'sgd' });
  const parameter = { type: 'float', low: 0, high: 1 };
  return {
    format: 'gradsmith-job',
    version: 2,
    spec: {
      name: 'large',
      objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
      space: { x: parameter, y: parameter, z: { type: 'categorical', choices: ['adam', 'sgd'] } },
      search: { trials, algorithm: 'random' },
      confirm: { top: 0, seeds: 0 },
    },
    job: {
      schema: 2,
      id,
      state: 'completed',
      reason: null,
      createdAt: 1e12,
      startedAt: 1e12,
      finishedAt: 1e12 + trials,
      seq: 3 * trials + 2,
      budget: trials,
      nextNumber: trials,
      invalidated: 0,
      rewritten: 0,
      counts: { pending: 0, running: 0, complete: trials, pruned: 0, diverged: 0, failed: 0, cancelled: 0 },
      open: [],
      extras: [],
      best: { number: best, value: values[best]!, point: point(best) },
      leaders: [values[best]!],
      reference: null,
      runtime: 'external',
      lastError: null,
    },
    trials: values.map((value, n) => ({
      schema: 2,
      id: String(n),
      role: 'search',
      number: n,
      confirms: null,
      state: 'complete',
      point: point(n),
      seed: n,
      source: { kind: 'initial', seenSeq: 3 * n, versions: { optimizer: '1.0.0', engine: 'v8 14.1.146.11-node.14' } },
      dispatch: 0,
      notBefore: 0,
      attempts: [
        { id: 'a'.repeat(36), worker: 'w', startedAt: 1e12, finishedAt: 1e12 + n, outcome: 'reported', reason: null },
      ],
      preemptions: 0,
      lease: null,
      progress: { step: 10, value },
      pruning: null,
      result: { outcome: 'complete', value, metrics: { accuracy: 1 - value }, provenance: { host: 'h' } },
      digest: 'd'.repeat(64),
      reason: null,
      createdAt: 1e12,
      settledAt: 1e12 + n,
      history: [
        [3 * n + 1, 'create'],
        [3 * n + 2, 'start'],
        [3 * n + 3, 'complete'],
      ],
    })),
    curves: Object.fromEntries(values.map((_, n) => [String(n), 'AACAPwAAgD8AAIA/'])),
  };
}

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
  const body = JSON.stringify(createDocument(id));
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
  const others = ['a', 'b', 'c', 'd'].map((name) => JSON.stringify(createDocument(createId(name))));
  await measure('four imports', async () => Promise.all(others.map(post)));
  console.log(`the API ${api.exitCode === null ? 'is running' : 'ended'}`);
} finally {
  if (api.exitCode === null) {
    api.kill();
    await once(api, 'exit');
  }
  await redis.stop();
}
