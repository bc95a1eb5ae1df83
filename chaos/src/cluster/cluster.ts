import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@gradsmith/testing';
import { ARCHIVE } from '../check/check-copies.ts';
import { WEBHOOK_SECRET } from '../load/webhook-receiver.ts';
import type { Random } from '../random.ts';
import type { SabotageName } from '../sabotage.ts';
import { fakeClock } from './clock.ts';
import { ClusterProcess, type Role } from './cluster-process.ts';
import { createControlGroup, type ControlGroup } from './control-group.ts';
import { createOtherVersion, root } from './other-version.ts';
import { createProcessFaults } from './process-faults.ts';
import { Proxy } from './proxy.ts';
import { Store } from './store.ts';

export interface ClusterSettings {
  folder: string;
  seed: number;
  random: Random;
  count: Record<Role, number>;
  sabotage: SabotageName | null;
  /** How long finished jobs stay before they are archived, as GRADSMITH_KEEP_JOBS. */
  keepJobs: string;
  /** Leases, ms. */
  trialLeaseMs: number;
  coordinatorLeaseMs: number;
}

const CHECKPOINTS = 'checkpoints';
/** The part of the disk of each role's processes that can fail. */
const disks: Partial<Record<Role, string>> = { coordinator: ARCHIVE, worker: CHECKPOINTS };
const SECRET_FILE = 'webhook-secret';
/** Enough for a worker and two trainers without a memory fault. */
const WORKER_BYTES = 700 * 2 ** 20;

/** All processes of a run: Redis, the processes of the product, and the proxies between them. */
export class Cluster {
  readonly store: Store;
  readonly processes: readonly ClusterProcess[];
  /** One HTTP proxy in front of each API process. */
  readonly httpProxies: readonly Proxy[];
  readonly controlGroups: readonly ControlGroup[];
  readonly #folder: string;
  #otherVersion: string | null = null;

  private constructor(
    store: Store,
    processes: readonly ClusterProcess[],
    httpProxies: readonly Proxy[],
    controlGroups: readonly ControlGroup[],
    folder: string,
  ) {
    this.#folder = folder;
    this.store = store;
    this.processes = processes;
    this.httpProxies = httpProxies;
    this.controlGroups = controlGroups;
  }

  static async start(settings: ClusterSettings): Promise<Cluster> {
    const { folder, random, count } = settings;
    for (const name of ['redis', 'journal', 'logs', ARCHIVE, CHECKPOINTS])
      mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, SECRET_FILE), WEBHOOK_SECRET);
    const store = await Store.start(join(folder, 'redis'), random);
    const httpProxies: Proxy[] = [];
    const controlGroups: ControlGroup[] = [];
    const processes: ClusterProcess[] = [];
    for (const role of ['api', 'coordinator', 'worker'] as const) {
      for (let i = 1; i <= count[role]; i++) {
        const name = `${role}-${i}`;
        const proxy = await Proxy.to(store.server.port);
        const port = await freePort();
        if (role === 'api') httpProxies.push(await Proxy.to(port));
        const controlGroup =
          role === 'worker' ? createControlGroup(`gradsmith-chaos-${process.pid}-${i}`, WORKER_BYTES) : null;
        if (controlGroup) controlGroups.push(controlGroup);
        const env = { ...process.env, ...buildEnvironment(settings, name, proxy, port) };
        // The first process of each role has a clock that can be set.
        processes.push(
          new ClusterProcess({
            name,
            role,
            env,
            log: join(folder, 'logs', `${name}.log`),
            proxy,
            clock: i === 1 ? fakeClock(folder, name) : null,
            disk: disks[role] ? createProcessFaults(folder, name, `/${disks[role]}/`) : null,
            controlGroup,
          }),
        );
      }
    }
    const cluster = new Cluster(store, processes, httpProxies, controlGroups, folder);
    for (const target of processes) target.start();
    return cluster;
  }

  /** Folder in which the workers save trainings. */
  get checkpoints(): string {
    return join(this.#folder, CHECKPOINTS);
  }

  byRole(role: Role): ClusterProcess[] {
    return this.processes.filter((target) => target.role === role);
  }

  /** Whether each role has a process that works and that no fault affects, so that work continues. */
  get hasIdleProcessInEachRole(): boolean {
    return (['api', 'coordinator', 'worker'] as const).every((role) =>
      this.byRole(role).some(({ ready, underFault }) => ready && !underFault),
    );
  }

  /** Replaces a process by one of the other version of the code, as an upgrade, or a return, does. */
  async roll(target: ClusterProcess): Promise<void> {
    this.#otherVersion ??= createOtherVersion(this.#folder);
    await target.end('SIGTERM');
    target.root = target.root === root ? this.#otherVersion : root;
    target.start();
  }

  /** Restarts processes that exited on their own, as a container engine does. Returns how many there were. */
  restartExited(): number {
    const exited = this.processes.filter(({ isRunning, underFault }) => !isRunning && !underFault);
    for (const target of exited) target.start();
    return exited.length;
  }

  /** Undoes every fault and starts every process that does not run. */
  async undoFaults(): Promise<void> {
    for (const proxy of [...this.processes.map(({ proxy }) => proxy), ...this.httpProxies]) {
      proxy.slow(0);
      proxy.partition(null);
      proxy.loseReplies(0);
      proxy.duplicateRequests(0);
      proxy.strandRequest(null);
    }
    this.store.clock?.set(0);
    this.store.clock?.setDisk(null);
    for (const target of this.processes) {
      target.clock?.set(0);
      target.disk?.setDisk(null);
      target.signal('SIGCONT');
      if (!target.isRunning) target.start();
    }
    await delay(0);
  }

  /** Ends every process gracefully. Returns how long each took by name, ms. */
  async close(): Promise<Map<string, number>> {
    const took = new Map<string, number>();
    await Promise.all(this.processes.map(async (target) => took.set(target.name, await target.end('SIGTERM'))));
    for (const proxy of [...this.processes.map(({ proxy }) => proxy), ...this.httpProxies]) proxy.close();
    return took;
  }
}

function buildEnvironment(
  { folder, seed, sabotage, keepJobs, trialLeaseMs, coordinatorLeaseMs }: ClusterSettings,
  name: string,
  proxy: Proxy,
  port: number,
): NodeJS.ProcessEnv {
  return {
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
    GRADSMITH_PORT: String(port),
    GRADSMITH_REQUESTS_PER_MINUTE: '1000000000',
    GRADSMITH_BACKEND: 'cpu',
    GRADSMITH_SLOTS: '2',
    GRADSMITH_WORKER_NAME: name,
    GRADSMITH_TRIAL_LEASE_MS: String(trialLeaseMs),
    GRADSMITH_COORDINATOR_LEASE_MS: String(coordinatorLeaseMs),
    GRADSMITH_EVERY_MS: '300',
    GRADSMITH_KEEP_JOBS: keepJobs,
    GRADSMITH_ARCHIVE: join(folder, ARCHIVE),
    GRADSMITH_CHECKPOINTS: join(folder, CHECKPOINTS),
    GRADSMITH_WEBHOOK_SECRET_FILE: join(folder, SECRET_FILE),
    GRADSMITH_WEBHOOK_ALLOW: '127.0.0.1',
    CHAOS_SEED: String(seed),
    CHAOS_NAME: name,
    CHAOS_JOURNAL: join(folder, 'journal', `${name}.journal`),
    CHAOS_SABOTAGE: sabotage ?? undefined,
  };
}
