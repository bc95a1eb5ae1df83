import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isActive, type JobRecord, type TrialRecord } from '@gradsmith/core/domain';
import { createJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { parseJob, type JobSpec } from '@gradsmith/core/spec';
import { connectRedis, type RedisPorts } from '@gradsmith/redis';
import { jobSpec, MemoryLog, startRedisServer, waitUntil, type RedisServer } from '@gradsmith/testing';
import type { ControlGroup } from '../src/cluster/control-group.ts';
import { ProductProcess } from '../src/load/product-process.ts';

const preload = new URL('../src/injected/preload.ts', import.meta.url).href;

/** A Redis with a ledger, and processes of the product whose trainers follow the test's script. */
export class Bench {
  readonly server: RedisServer;
  ports: RedisPorts;
  ledger: Ledger;
  readonly #products: ProductProcess[] = [];
  readonly #env: NodeJS.ProcessEnv;

  private constructor(server: RedisServer, ports: RedisPorts, env: NodeJS.ProcessEnv) {
    this.server = server;
    this.ports = ports;
    this.ledger = new Ledger(ports.store);
    this.#env = env;
  }

  static async start(leaseMs: number, trainers: { fates?: Record<string, string>; ms?: number }): Promise<Bench> {
    const server = await startRedisServer(process.env);
    const folder = mkdtempSync(join(tmpdir(), 'gradsmith-chaos-'));
    const ports = await connectRedis({ url: server.url, allowFailover: true }, new MemoryLog());
    return new Bench(server, ports, {
      REDIS_URL: server.url,
      GRADSMITH_BACKEND: 'cpu',
      GRADSMITH_TRIAL_LEASE_MS: String(leaseMs),
      GRADSMITH_EVERY_MS: '300',
      NODE_OPTIONS: `--import=${preload}`,
      CHAOS_JOURNAL: join(folder, 'test.journal'),
      CHAOS_NAME: 'test',
      CHAOS_SEED: '1',
      CHAOS_FATES: JSON.stringify(trainers.fates ?? {}),
      CHAOS_TRAINING_MS: String(trainers.ms ?? 100),
    });
  }

  /** Starts a process, in the control group if one is given, and waits until it serves. */
  async launch(
    app: 'api' | 'coordinator' | 'worker',
    env: NodeJS.ProcessEnv = {},
    group: ControlGroup | null = null,
  ): Promise<ProductProcess> {
    const product = new ProductProcess(app, { ...this.#env, ...env });
    this.#products.push(product);
    group?.add(product.pid);
    await product.waitForOutput(app === 'api' ? 'Server listening' : `${app} started`);
    return product;
  }

  async job(changes: { trials: number; limits?: object }): Promise<string> {
    const id = 'job_00000000000000000000';
    const spec: JobSpec = jobSpec({ trials: changes.trials });
    const { objective, ...rest } = spec;
    await createJob(
      this.ledger,
      id,
      parseJob({
        ...rest,
        objective: { ...objective, backend: 'cpu' },
        confirm: { top: 0, seeds: 0 },
        search: { ...spec.search, algorithm: 'random', maxParallelism: 8 },
        limits: { ...spec.limits, backoff: '50ms', ...changes.limits },
      }),
    );
    return id;
  }

  async trials(id: string): Promise<TrialRecord[]> {
    return this.ledger.readAllTrials((await this.ledger.readJob(id)).job);
  }

  async waitUntilFinished(id: string, ms: number): Promise<JobRecord> {
    return waitUntil(async () => {
      const found = await this.ledger.findJob(id).catch(() => null);
      return found && !isActive(found.job.state) ? found.job : null;
    }, ms);
  }

  /** Reads the ledger of another server from now on. */
  async follow(server: RedisServer): Promise<void> {
    await this.ports.close();
    this.ports = await connectRedis({ url: server.url, allowFailover: true }, new MemoryLog());
    this.ledger = new Ledger(this.ports.store);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#products.map((product) => product.end('SIGKILL')));
    await this.ports.close();
    await this.server.stop();
  }
}
