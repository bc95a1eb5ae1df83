// What Redis has to store and to do for each trial, running trial and worker: the numbers of docs/sizing.md.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { isActive } from '@gradsmith/core/domain';
import { createJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { parseJob } from '@gradsmith/core/spec';
import { connectRedis } from '@gradsmith/redis';
import { readOptions } from '../lib/options.ts';
import { formatTable } from '../lib/shows.ts';
import { Cluster, type ClusterSettings } from './cluster.ts';

interface Counts {
  commands: number;
  /** Read and written by Redis over the network. */
  bytes: number;
  memory: number;
  /** Of the append-only file. */
  written: number;
}

const values = readOptions({
  command: 'pnpm bench:footprint',
  does: ['Memory, disk and commands of Redis for each trial, busy slot and worker. Needs redis-server.'],
  quick: 'fewer trials and shorter times; about 30 s in all',
  options: {},
  examples: ['pnpm bench:footprint', 'pnpm bench:footprint --json bench/results/footprint.json'],
});
const seconds = values.quick ? 5 : 30;
const trials = values.quick ? 500 : 4_000;
const WORKERS = 1_000;
const SLOTS = 64;
const JOB_ID = `job_${'0'.repeat(20)}`;
const quiet = { debug() {}, info() {}, warn() {}, error: console.error };
type Connection = Awaited<ReturnType<typeof connectRedis>>;

const stored = await withCluster({ slots: SLOTS, workers: 2, ms: 0 }, async (cluster, redis) => {
  const ledger = new Ledger(redis.store);
  const before = readCounts(cluster);
  await startJob(redis, trials);
  while (isActive((await ledger.readJob(JOB_ID)).job.state)) await delay(200);
  await delay(2_000);
  return divide(subtract(readCounts(cluster), before), trials);
});
const alone = await withCluster({ slots: 0, workers: 0, ms: 0 }, measureRate);
const idle = await withCluster({ slots: 8, workers: 8, ms: 0 }, measureRate);
const busy = await withCluster({ slots: SLOTS, workers: 2, ms: (seconds + 10) * 1_000 }, async (cluster, redis) => {
  await startJob(redis, SLOTS);
  await delay(3_000);
  return measureRate(cluster);
});
const crowd = await withCluster({ slots: 0, workers: 0, ms: 0 }, measureCrowd);

const perWorker = divide(subtract(idle, alone), 8);
const perSlot = divide(subtract(busy, addUp(alone, perWorker, 2)), SLOTS);
const rows = [
  ['a stored trial of two parameters', 'memory, B', stored.memory],
  ['', 'append-only file before a rewrite, B', stored.written],
  ['', 'commands', stored.commands],
  ['a coordinator without jobs', 'commands/s', alone.commands],
  ['a live worker', 'commands/s', perWorker.commands],
  ['', 'append-only file, B/s', perWorker.written],
  ['a busy slot', 'commands/s', perSlot.commands],
  ['', 'append-only file, B/s', perSlot.written],
  [`${WORKERS} live workers`, 'time to list them, ms', crowd.listMs],
  ['', 'bytes of a list', crowd.listBytes],
  ['', 'bytes/s of a coordinator without jobs', crowd.bytes],
] as const;
console.log(
  formatTable([['of', 'what', 'value'], ...rows.map(([of, what, value]) => [of, what, value.toPrecision(3)])]),
);
if (values.json) {
  const [cpu] = cpus();
  const machine = { cpus: cpus().length, cpu: cpu?.model, load: loadavg(), node: process.version };
  const versions = { redis: execFileSync('redis-server', ['--version'], { encoding: 'utf8' }).split(' ')[2] };
  const measured = { trials, seconds, stored, alone, perWorker, perSlot, crowd };
  const document = { command: 'pnpm bench:footprint', at: new Date().toISOString(), ...machine, ...versions, measured };
  writeFileSync(values.json, `${JSON.stringify(document, null, 2)}\n`);
}

async function withCluster<T>(
  settings: ClusterSettings,
  measure: (cluster: Cluster, redis: Connection) => Promise<T>,
): Promise<T> {
  const cluster = await Cluster.start(settings);
  const redis = await connectRedis({ url: cluster.redis.url }, quiet);
  try {
    return await measure(cluster, redis);
  } finally {
    await redis.close();
    await cluster.stop();
  }
}

async function startJob(redis: Connection, count: number): Promise<void> {
  const spec = parseJob({
    name: 'footprint',
    objective: { kind: 'module', module: 'bench', metric: { name: 'x', direction: 'minimize' } },
    space: { x: { type: 'float', low: 0, high: 1 }, y: { type: 'float', low: 0, high: 1 } },
    search: { algorithm: 'random', trials: count, maxParallelism: SLOTS, seed: 1, pruning: 'none' },
  });
  await createJob(new Ledger(redis.store), JOB_ID, spec);
  redis.signals.publish(JOB_ID);
}

/** Counts of each second. */
async function measureRate(cluster: Cluster): Promise<Counts> {
  await delay(2_000);
  const before = readCounts(cluster);
  await delay(seconds * 1_000);
  return divide(subtract(readCounts(cluster), before), seconds);
}

/** Lists many live workers, and counts what a coordinator without jobs reads because of them. */
async function measureCrowd(
  cluster: Cluster,
  redis: Connection,
): Promise<Counts & { listMs: number; listBytes: number }> {
  for (let i = 0; i < WORKERS; i++) {
    const name = `gradsmith-worker-gpu-${i}`;
    const runtime = 'tensorflow float32 gpu threads=2 simd=true cuda=12.8 tensorflow=2.18.0';
    const worker = { id: `${name}-${'0'.repeat(36)}`, name, runtime, backend: 'tensorflow', slots: 1, busy: [] };
    await redis.workers.announce(worker, 3_600_000);
  }
  const rate = await measureRate(cluster);
  const times: number[] = [];
  const before = readCounts(cluster);
  for (let i = 0; i < 20; i++) {
    const start = performance.now();
    await redis.workers.listLive();
    times.push(performance.now() - start);
  }
  const { bytes } = divide(subtract(readCounts(cluster), before), 20);
  return { ...rate, listMs: times.sort((a, b) => a - b)[10]!, listBytes: bytes };
}

function readCounts(cluster: Cluster): Counts {
  const info = execFileSync('redis-cli', ['-u', cluster.redis.url, 'INFO', 'everything'], { encoding: 'utf8' });
  const read = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
  return {
    commands: read('total_commands_processed'),
    bytes: read('total_net_input_bytes') + read('total_net_output_bytes'),
    memory: read('used_memory'),
    written: read('aof_current_size'),
  };
}

function combine(a: Counts, b: Counts, merge: (x: number, y: number) => number): Counts {
  return {
    commands: merge(a.commands, b.commands),
    bytes: merge(a.bytes, b.bytes),
    memory: merge(a.memory, b.memory),
    written: merge(a.written, b.written),
  };
}

function subtract(a: Counts, b: Counts): Counts {
  return combine(a, b, (x, y) => x - y);
}

function addUp(a: Counts, b: Counts, times: number): Counts {
  return combine(a, b, (x, y) => x + times * y);
}

function divide(a: Counts, by: number): Counts {
  return combine(a, a, (x) => x / by);
}
