// What the service costs for each trial: the whole system on one machine, with trainers that only wait. See README.md.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { isActive, type TrialRecord } from '@gradsmith/core/domain';
import { createJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { parseJob } from '@gradsmith/core/spec';
import { connectRedis } from '@gradsmith/redis';
import { numberFrom, readOptions } from '../lib/options.ts';
import { checkClaim, formatShows, formatTable, type Show } from '../lib/shows.ts';
import { Cluster, type ClusterSettings, type CpuTimes } from './cluster.ts';
import { measurePeers, type MeasuredPeer } from './peers.ts';
import { readRedisCounts } from './redis-counts.ts';

interface Case extends ClusterSettings {
  name: string;
  jobs: number;
  /** Of each job. */
  trials: number;
  algorithm: 'random' | 'gp';
}

interface Measured extends Case {
  perSecond: number;
  /** Share of the slots' time that trials take. */
  busy: number;
  /** From a trial's end to the start of the next one on its slot, ms. */
  idle: { p50: number; p99: number };
  /** For each trial: Redis commands, requests that Redis read from its connections, and bytes read and written. */
  commands: number;
  requests: number;
  bytes: number;
  /** Commits to the ledger for each trial, and the share of all commits that was refused and decided again. */
  commits: number;
  conflicts: number;
  /** Processor time for each trial, ms. */
  cpu: CpuTimes;
}

const values = readOptions({
  command: 'pnpm bench:service',
  does: ['Overhead of the service: trials a second and idle slots, with simulated trainers. Needs redis-server.'],
  quick: 'fewer trials, so that slots wait most of the time',
  options: {
    trials: { takes: '<n>', meaning: 'trials of each job; 0: those of the case', initial: '0', parse: numberFrom(0) },
    only: { takes: '<text>', meaning: 'run only the cases whose name contains it', initial: '', parse: (text) => text },
  },
  examples: [
    'pnpm bench:service',
    'pnpm bench:service --quick --json service.json --only "1 s"',
    'pnpm bench:service --only "random, 64" --trials 100000',
  ],
});

/** `trials` of each job, and with `--quick`. */
type Sized = Omit<Case, 'trials'> & { trials: readonly [full: number, quick: number] };

const random = { algorithm: 'random' } as const;
const gp = { algorithm: 'gp' } as const;
const cases: Sized[] = [
  { name: '1 job, random, 8 slots, 0 ms', slots: 8, workers: 1, ms: 0, jobs: 1, trials: [2_000, 400], ...random },
  { name: '1 job, random, 64 slots, 0 ms', slots: 64, workers: 2, ms: 0, jobs: 1, trials: [8_000, 2_000], ...random },
  { name: '16 jobs, random, 128 slots, 0 ms', slots: 128, workers: 2, ms: 0, jobs: 16, trials: [500, 100], ...random },
  { name: '1 job, GP, 8 slots, 0 ms', slots: 8, workers: 1, ms: 0, jobs: 1, trials: [300, 75], ...gp },
  {
    name: '1 job, random, 256 slots, 1 s',
    slots: 256,
    workers: 2,
    ms: 1_000,
    jobs: 1,
    trials: [4_000, 512],
    ...random,
  },
  { name: '1 job, GP, 8 slots, 1 s', slots: 8, workers: 1, ms: 1_000, jobs: 1, trials: [500, 16], ...gp },
  // Slots wait at the start and at the end: the more trials, the less that counts.
  {
    name: '1 job, random, 1,024 slots, 1 s',
    slots: 1_024,
    workers: 4,
    ms: 1_000,
    jobs: 1,
    trials: [48_000, 2_048],
    ...random,
  },
  {
    name: '16 jobs, random, 1,024 slots, 1 s',
    slots: 1_024,
    workers: 4,
    ms: 1_000,
    jobs: 16,
    trials: [3_000, 128],
    ...random,
  },
];

const measured: Measured[] = [];
for (const each of cases.filter(({ name }) => name.includes(values.only))) {
  const trials = values.trials || each.trials[values.quick ? 1 : 0];
  console.error(`${each.name}: ${each.jobs} × ${trials} trials`);
  measured.push(await measureCase({ ...each, trials }));
}
const peers = await measurePeers(values.quick ? 0.15 : 1, values.only);
writeReport();

async function measureCase(settings: Case): Promise<Measured> {
  const { jobs, trials, algorithm, slots, ms } = settings;
  const cluster = await Cluster.start(settings);
  const quiet = { debug() {}, info() {}, warn() {}, error: console.error };
  const redis = await connectRedis({ url: cluster.redis.url }, quiet);
  const ledger = new Ledger(redis.store);
  try {
    const before = readRedisCounts(cluster.redis.url);
    const cpuBefore = cluster.readCpuTimes();
    const ids = Array.from({ length: jobs }, (_, i) => `job_${String(i).padStart(20, '0')}`);
    for (const [i, id] of ids.entries()) {
      const spec = parseJob({
        name: `bench-${i}`,
        objective: { kind: 'module', module: 'bench', metric: { name: 'x', direction: 'minimize' } },
        space: { x: { type: 'float', low: 0, high: 1 }, y: { type: 'float', low: 0, high: 1 } },
        search: { algorithm, trials, maxParallelism: slots, seed: i, pruning: 'none' },
      });
      await createJob(ledger, id, spec);
      redis.signals.publish(id);
    }
    const settled: TrialRecord[] = [];
    for (const id of ids) settled.push(...(await waitForJob(ledger, id)));
    const after = readRedisCounts(cluster.redis.url);
    const cpuAfter = cluster.readCpuTimes();
    const toCpu = (process: keyof CpuTimes): number => (cpuAfter[process] - cpuBefore[process]) / settled.length;
    const counts = await cluster.takeCounts();
    const idle = counts.idle.sort((a, b) => a - b);
    const { committed, refused } = counts.commits;
    const attempts = settled.map(({ attempts: [attempt] }) => attempt!);
    const span = Math.max(...reduceTo(attempts, 'finishedAt')) - Math.min(...reduceTo(attempts, 'startedAt'));
    return {
      ...settings,
      perSecond: (settled.length / span) * 1_000,
      busy: (settled.length * ms) / (slots * span),
      idle: { p50: idle[Math.floor(idle.length / 2)]!, p99: idle[Math.floor(idle.length * 0.99)]! },
      commands: (after.commands - before.commands) / settled.length,
      requests: (after.requests - before.requests) / settled.length,
      bytes: (after.bytes - before.bytes) / settled.length,
      commits: committed / settled.length,
      conflicts: refused / (committed + refused),
      cpu: { redis: toCpu('redis'), coordinator: toCpu('coordinator'), workers: toCpu('workers') },
    };
  } finally {
    await redis.close();
    await cluster.stop();
  }
}

/** The first and the last of the times: a spread of thousands of arguments may overflow the stack. */
function reduceTo(
  attempts: readonly { startedAt: number; finishedAt: number | null }[],
  key: 'startedAt' | 'finishedAt',
): [number, number] {
  const times = attempts.map((attempt) => attempt[key]!).sort((a, b) => a - b);
  return [times[0]!, times.at(-1)!];
}

async function waitForJob(ledger: Ledger, id: string): Promise<TrialRecord[]> {
  for (;;) {
    const { job } = await ledger.readJob(id);
    if (!isActive(job.state)) {
      if (job.state !== 'completed') throw new Error(`job ${id} is ${job.state}: ${job.reason}`);
      return ledger.readAllTrials(job);
    }
    await delay(100);
  }
}

function writeReport(): void {
  const rows = measured.map((each) => [
    each.name,
    each.perSecond.toFixed(0),
    each.ms ? `${(each.busy * 100).toFixed(0)} %` : '-',
    `${each.idle.p50.toFixed(1)} / ${each.idle.p99.toFixed(1)}`,
    each.commands.toFixed(1),
    each.requests.toFixed(1),
    `${each.commits.toFixed(2)} / ${(each.conflicts * 100).toFixed(0)} %`,
    (each.bytes / 1_000).toFixed(1),
    [each.cpu.coordinator, each.cpu.workers, each.cpu.redis].map((ms) => ms.toFixed(2)).join(' / '),
  ]);
  const cpu = 'CPU ms, coordinator / workers / Redis';
  const commits = 'commits / conflicts';
  const head = ['case', 'trials/s', 'busy', 'idle ms, p50 / p99', 'commands', 'requests', commits, 'kB', cpu];
  const others = peers.map(({ name, processes, perSecond }) => [
    `${name}, ${processes} processes`,
    perSecond.toFixed(0),
    ...Array.from({ length: head.length - 2 }, () => '-'),
  ]);
  console.log(formatTable([head, ...rows, ...others]));
  const find = (start: string): Measured | undefined => measured.find(({ name }) => name.startsWith(start));
  const fastest = find('1 job, random, 64')?.perSecond ?? null;
  const slow = find('1 job, GP, 8 slots, 1 s');
  const compare = (kind: MeasuredPeer['kind']): number | null => {
    const peer = peers.find((each) => each.kind === kind);
    return peer && fastest !== null ? fastest / peer.perSecond : null;
  };
  const shows: Show[] = [
    checkClaim('1 job, random, 64 slots, 0 ms', fastest, 'trials/s', ['at least', 1_000]),
    checkClaim('the same, to Optuna with its journal in Redis', compare('journal-redis'), '×', ['at least', 20]),
    checkClaim('the same, to Optuna with its journal file', compare('journal-file'), '×', ['at least', 6]),
    checkClaim('1 job, GP, 8 slots, 0 ms', find('1 job, GP, 8 slots, 0 ms')?.perSecond ?? null, 'trials/s', [
      'at least',
      100,
    ]),
    checkClaim('1 job, GP, 8 slots, 1 s: idle, p99', slow?.idle.p99 ?? null, 'ms', ['at most', 20]),
    checkClaim('the same: busy', slow?.busy ?? null, '', ['at least', 0.98]),
    checkClaim('1 job, 1,024 slots, 1 s: busy', find('1 job, random, 1,024')?.busy ?? null, '', ['at least', 0.9]),
    checkClaim('16 jobs, 1,024 slots, 1 s: busy', find('16 jobs, random, 1,024')?.busy ?? null, '', ['at least', 0.9]),
  ];
  console.log(`\n${formatShows(shows)}`);
  if (values.json)
    writeFileSync(values.json, `${JSON.stringify({ ...describeMachine(), measured, peers, shows }, null, 2)}\n`);
  if (shows.some(({ pass }) => pass === false)) process.exitCode = 1;
}

function describeMachine(): object {
  const [cpu] = cpus();
  return { at: new Date().toISOString(), cpus: cpus().length, cpu: cpu?.model, load: loadavg(), node: process.version };
}
