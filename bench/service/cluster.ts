import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { startRedisServer, type RedisServer } from '@gradsmith/testing';

export interface ClusterSettings {
  slots: number;
  /** Workers that share the slots. */
  workers: number;
  /** Time of a trial, ms. */
  ms: number;
}

/** Redis, a coordinator as it is deployed, and workers with simulated trainers, each a process. */
export class Cluster {
  readonly redis: RedisServer;
  readonly #coordinator: ChildProcess;
  readonly #workers: ChildProcess[];

  private constructor(redis: RedisServer, coordinator: ChildProcess, workers: ChildProcess[]) {
    this.redis = redis;
    this.#coordinator = coordinator;
    this.#workers = workers;
  }

  static async start({ slots, workers, ms }: ClusterSettings): Promise<Cluster> {
    const redis = await startRedisServer(process.env);
    const env = { ...process.env, REDIS_URL: redis.url, LOG_LEVEL: 'error', NODE_ENV: 'production' };
    const coordinator = fork(new URL('../../apps/coordinator/src/main.ts', import.meta.url), { env });
    const each = { ...env, BENCH_SLOTS: String(slots / workers), BENCH_MS: String(ms) };
    const forked = Array.from({ length: workers }, () => fork(new URL('worker.ts', import.meta.url), { env: each }));
    await Promise.all(forked.map(async (worker) => once(worker, 'message')));
    return new Cluster(redis, coordinator, forked);
  }

  /** Returns the idle times of slots since the last call, ms: from one trial's end to the next one's start. */
  async takeIdleTimes(): Promise<number[]> {
    const answers = await Promise.all(
      this.#workers.map(async (worker) => {
        const answer = once(worker, 'message');
        worker.send('idle');
        const [{ idle }] = (await answer) as [{ idle: number[] }];
        return idle;
      }),
    );
    return answers.flat();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#coordinator, ...this.#workers].map(endChild));
    await this.redis.stop();
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
