// 200 status requests a second over 200 running jobs while trials finish. See README.md.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { readOptions } from '../lib/options.ts';
import { checkClaim, formatShows } from '../lib/shows.ts';
import { finishTrials, computeQuantile, sendRequest, watchStatus } from './load.ts';
import { startService } from './service.ts';

const values = readOptions({
  command: 'pnpm bench:api',
  does: [
    'Status requests over running jobs while trials finish, and whether they hinder the coordinator. ' +
      'Needs redis-server.',
    'A minute and a half; ends with status 1 where a claim is missed.',
  ],
  quick: '10 s of load instead of 30 s; under 50 s in all',
  options: {},
  examples: ['pnpm bench:api', 'pnpm bench:api --quick', 'pnpm bench:api --json api.json'],
});
const JOBS = 200;
const STATUS_PER_SECOND = 200;
const TRIALS_PER_SECOND = 10;
const SECONDS = values.quick ? 10 : 30;

const service = await startService(process.env);
try {
  const jobs: string[] = [];
  for (let i = 0; i < JOBS; i++) jobs.push(await createJob(i));
  await Promise.all(jobs.slice(-1).map(waitForPendingTrial));
  // A warm-up compiles code and opens connections.
  await Promise.all([
    watchStatus(service.url, jobs, STATUS_PER_SECOND, 3),
    finishTrials(service.url, jobs, TRIALS_PER_SECOND, 3),
  ]);
  const startAlone = Date.now();
  const finishedAlone = await finishTrials(service.url, jobs, TRIALS_PER_SECOND, SECONDS);
  const startWatched = Date.now();
  const [watched, finished] = await Promise.all([
    watchStatus(service.url, jobs, STATUS_PER_SECOND, SECONDS),
    finishTrials(service.url, jobs, TRIALS_PER_SECOND, SECONDS),
  ]);
  const created = await measureCreateLatencies(jobs);
  writeReport(
    watched,
    { finishedAlone, finished },
    created.filter(({ at }) => at >= startAlone && at < startWatched).map(({ ms }) => ms),
    created.filter(({ at }) => at >= startWatched).map(({ ms }) => ms),
  );
} finally {
  await service.stop();
}

async function createJob(i: number): Promise<string> {
  const { status, text } = await sendRequest(`${service.url}/v1/jobs`, 'POST', {
    name: `bench-${i}`,
    objective: { kind: 'external', metric: { name: 'x', direction: 'minimize' } },
    space: { x: { type: 'float', low: 0, high: 1 } },
    search: { algorithm: 'random', trials: 10_000, maxParallelism: 1, seed: i },
  });
  if (status !== 201) throw new Error(text);
  return (JSON.parse(text) as { id: string }).id;
}

/** Resolves when the job has a pending trial. */
async function waitForPendingTrial(job: string): Promise<void> {
  for (let i = 0; i < 600; i++) {
    const { counts } = JSON.parse((await sendRequest(`${service.url}/v1/jobs/${job}/status`, 'GET')).text) as {
      counts: { pending: number };
    };
    if (counts.pending) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`job ${job} does not run`);
}

/** Measures the time from each trial's end to the creation of its successor, ms, by the ledger's clock. */
async function measureCreateLatencies(jobs: readonly string[]): Promise<{ at: number; ms: number }[]> {
  const latencies: { at: number; ms: number }[] = [];
  for (const job of jobs) {
    const { items } = JSON.parse(
      (await sendRequest(`${service.url}/v1/jobs/${job}/trials?limit=1000`, 'GET')).text,
    ) as {
      items: { createdAt: string; settledAt: string | null }[];
    };
    for (const [n, trial] of items.entries()) {
      const settledAt = items[n - 1]?.settledAt;
      if (settledAt)
        latencies.push({ at: Date.parse(settledAt), ms: Date.parse(trial.createdAt) - Date.parse(settledAt) });
    }
  }
  return latencies;
}

function writeReport(
  watched: { latencies: number[]; failures: number },
  trials: { finishedAlone: number; finished: number },
  alone: readonly number[],
  loaded: readonly number[],
): void {
  const shows = [
    checkClaim('status requests: median latency', computeQuantile(watched.latencies, 0.5), 'ms', ['below', 50]),
    checkClaim('status requests: 99 of 100 within', computeQuantile(watched.latencies, 0.99), 'ms', ['below', 50]),
    checkClaim('status requests that failed', watched.failures, '', ['at most', 0]),
    checkClaim(
      'trials finished in that time, of those that were due',
      trials.finished / (TRIALS_PER_SECOND * SECONDS),
      '',
      ['at least', 0.99],
    ),
    // The difference must be too small to matter to a person or a pipeline.
    checkClaim(
      'creation of the next trial, median: watched less unwatched',
      computeQuantile(loaded, 0.5) - computeQuantile(alone, 0.5),
      'ms',
      ['at most', 5],
    ),
    checkClaim(
      'creation of the next trial, 95 of 100: watched less unwatched',
      computeQuantile(loaded, 0.95) - computeQuantile(alone, 0.95),
      'ms',
      ['at most', 25],
    ),
  ];
  const circumstances = {
    date: new Date().toISOString().slice(0, 16),
    machine: `${cpus().length} × ${cpus()[0]?.model}`,
    versions: { node: process.versions.node, redis: redisVersion() },
  };
  const measured = {
    jobs: JOBS,
    statusPerSecond: STATUS_PER_SECOND,
    requests: watched.latencies.length,
    seconds: SECONDS,
    load: loadavg()[0],
    latencyMs: Object.fromEntries(
      [0.5, 0.9, 0.95, 0.99, 0.999, 1].map((q) => [q, computeQuantile(watched.latencies, q)]),
    ),
    createMs: { unwatched: summarizeLatencies(alone), watched: summarizeLatencies(loaded) },
    trials,
  };
  console.log(JSON.stringify(measured, null, 2));
  console.log(formatShows(shows));
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ circumstances, shows, measured }, null, 2)}\n`);
  if (shows.some(({ pass }) => pass === false)) process.exitCode = 1;
}

/** Null if the server runs in a container. */
function redisVersion(): string | null {
  try {
    return /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1] ?? null;
  } catch {
    return null;
  }
}

function summarizeLatencies(latencies: readonly number[]): object {
  return {
    trials: latencies.length,
    median: computeQuantile(latencies, 0.5),
    p95: computeQuantile(latencies, 0.95),
    p99: computeQuantile(latencies, 0.99),
  };
}
