import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import type { CommitCounts } from '@gradsmith/core/ledger';
import { startRedisServer, type RedisServer } from '@gradsmith/testing';

export interface ClusterSettings {
  slots: number;
  /** Workers that share the slots. */
  workers: number;
  /** Time of a trial, ms. */
  ms: number;
}

/** Processor time, ms. */
export interface CpuTimes {
  redis: number;
  coordinator: number;
  workers: number;
}

/** Redis, a coordinator as it is deployed, and workers with simulated trainers, each a process. */
export class Cluster {
  readonly redis: RedisServer;
  readonly #coordinator: ChildProcess;
  readonly #metricsPort: number;
  readonly #workers: ChildProcess[];

  private constructor(
    redis: RedisServer,
    { coordinator, metricsPort, workers }: { coordinator: ChildProcess; metricsPort: number; workers: ChildProcess[] },
  ) {
    this.redis = redis;
    this.#coordinator = coordinator;
    this.#metricsPort = metricsPort;
    this.#workers = workers;
  }

  static async start({ slots, workers, ms }: ClusterSettings): Promise<Cluster> {
    const redis = await startRedisServer(process.env);
    const env = { ...process.env, REDIS_URL: redis.url, LOG_LEVEL: 'error', NODE_ENV: 'production' };
    const metricsPort = await findFreePort();
    const coordinator = fork(new URL('../../apps/coordinator/src/main.ts', import.meta.url), {
      env: { ...env, GRADSMITH_METRICS_PORT: String(metricsPort) },
    });
    const each = { ...env, BENCH_SLOTS: String(slots / workers), BENCH_MS: String(ms) };
    const forked = Array.from({ length: workers }, () => fork(new URL('worker.ts', import.meta.url), { env: each }));
    await Promise.all(forked.map(async (worker) => once(worker, 'message')));
    return new Cluster(redis, { coordinator, metricsPort, workers: forked });
  }

  /**
   * Returns the idle times of slots since the last call, ms, from one trial's end to the next one's start, and the
   * commits of all processes.
   */
  async takeCounts(): Promise<{ idle: number[]; commits: CommitCounts }> {
    const answers = await Promise.all(
      this.#workers.map(async (worker) => {
        const answer = once(worker, 'message');
        worker.send('counts');
        const [counts] = (await answer) as [{ idle: number[]; commits: CommitCounts }];
        return counts;
      }),
    );
    const all = [await this.#readCoordinatorCommits(), ...answers.map(({ commits }) => commits)];
    return {
      idle: answers.flatMap(({ idle }) => idle),
      commits: {
        committed: all.reduce((sum, { committed }) => sum + committed, 0),
        refused: all.reduce((sum, { refused }) => sum + refused, 0),
      },
    };
  }

  async #readCoordinatorCommits(): Promise<CommitCounts> {
    const text = await (await fetch(`http://127.0.0.1:${this.#metricsPort}/metrics`)).text();
    const read = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1]);
    return { committed: read('gradsmith_ledger_commits_total'), refused: read('gradsmith_ledger_conflicts_total') };
  }

  /** Processor time since the start of each process; NaN where the system does not tell (it is not Linux). */
  readCpuTimes(): CpuTimes {
    return {
      redis: readCpuTime(this.redis.pid),
      coordinator: readCpuTime(this.#coordinator.pid!),
      workers: this.#workers.reduce((total, worker) => total + readCpuTime(worker.pid!), 0),
    };
  }

  async stop(): Promise<void> {
    await Promise.all([this.#coordinator, ...this.#workers].map(endChild));
    await this.redis.stop();
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Length of a clock tick in /proc, ms; the same on all usual systems. */
const TICK_MS = 10;

function readCpuTime(pid: number): number {
  try {
    // The name of the program, in parentheses, may have spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return NaN;
  }
}
