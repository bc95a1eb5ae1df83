// How the cost of a trial grows with the trials of its job. See README.md.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { isActive } from '@gradsmith/core/domain';
import { createJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { parseJob } from '@gradsmith/core/spec';
import { connectRedis } from '@gradsmith/redis';
import { numberFrom, readOptions } from '../lib/options.ts';
import { formatTable } from '../lib/shows.ts';
import { Cluster } from './cluster.ts';
import { readRedisCounts, type RedisCounts } from './redis-counts.ts';

/** Everything that is counted, since the start. */
interface Sample extends RedisCounts {
  trials: number;
  /** Ms. */
  at: number;
  coordinatorCpu: number;
  workersCpu: number;
  redisCpu: number;
}

const SLOTS = 64;
const WINDOWS = 10;
const JOB_ID = `job_${'0'.repeat(20)}`;

const values = readOptions({
  command: 'pnpm bench:growth',
  does: ['Cost of a trial as its job grows: one job, random, 64 slots, trials of 0 ms. Needs redis-server.'],
  quick: '5,000 trials',
  options: {
    trials: { takes: '<n>', meaning: 'trials of the job', initial: '100000', parse: numberFrom(100) },
  },
  examples: ['pnpm bench:growth --json bench/results/growth.json', 'pnpm bench:growth --trials 20000'],
});
const total = values.quick ? 5_000 : values.trials;
const cluster = await Cluster.start({ slots: SLOTS, workers: 2, ms: 0 });
const redis = await connectRedis(
  { url: cluster.redis.url },
  { debug() {}, info() {}, warn() {}, error: console.error },
);
const windows: ReturnType<typeof compareSamples>[] = [];
try {
  const ledger = new Ledger(redis.store);
  const spec = parseJob({
    name: 'growth',
    objective: { kind: 'module', module: 'bench', metric: { name: 'x', direction: 'minimize' } },
    space: { x: { type: 'float', low: 0, high: 1 }, y: { type: 'float', low: 0, high: 1 } },
    search: { algorithm: 'random', trials: total, maxParallelism: SLOTS, pruning: 'none' },
  });
  await createJob(ledger, JOB_ID, spec);
  redis.signals.publish(JOB_ID);
  let last = takeSample(0);
  for (;;) {
    await delay(250);
    const { job } = await ledger.readJob(JOB_ID);
    if (job.counts.complete < last.trials + total / WINDOWS && isActive(job.state)) continue;
    const sample = takeSample(job.counts.complete);
    windows.push(compareSamples(last, sample));
    last = sample;
    // After each window, so that an interrupted run leaves what it measured.
    writeResults();
    if (!isActive(job.state)) break;
  }
} finally {
  await redis.close();
  await cluster.stop();
}
console.log(formatTable([Object.keys(windows[0]!), ...windows.map((each) => Object.values(each).map(formatNumber))]));

function takeSample(trials: number): Sample {
  const { coordinator, workers, redis: redisCpu } = cluster.readCpuTimes();
  const times = { coordinatorCpu: coordinator, workersCpu: workers, redisCpu };
  return { ...readRedisCounts(cluster.redis.url), ...times, trials, at: performance.now() };
}

/** What each trial between the samples cost; times in ms, memory and traffic in bytes. */
function compareSamples(from: Sample, to: Sample) {
  const perTrial = (key: keyof Sample): number => (to[key] - from[key]) / (to.trials - from.trials);
  return {
    trials: to.trials,
    perSecond: 1_000 / perTrial('at'),
    commands: perTrial('commands'),
    requests: perTrial('requests'),
    traffic: perTrial('bytes'),
    memory: perTrial('memory'),
    coordinatorCpu: perTrial('coordinatorCpu'),
    workersCpu: perTrial('workersCpu'),
    redisCpu: perTrial('redisCpu'),
  };
}

function formatNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

function writeResults(): void {
  if (!values.json) return;
  const machine = { at: new Date().toISOString(), cpus: cpus().length, cpu: cpus()[0]?.model, load: loadavg() };
  writeFileSync(values.json, `${JSON.stringify({ ...machine, node: process.version, windows }, null, 2)}\n`);
}
