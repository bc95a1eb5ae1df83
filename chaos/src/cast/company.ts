import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@gradsmith/testing';
import type { Random } from '../random.ts';
import type { SabotageName } from '../sabotage.ts';
import { Actor, type Role } from './actor.ts';
import { memoryCage, type Cage } from './cage.ts';
import { fakeClock } from './clock.ts';
import { Proxy } from './proxy.ts';
import { Store } from './store.ts';

export interface CompanySettings {
  folder: string;
  seed: number;
  random: Random;
  count: Record<Role, number>;
  sabotage: SabotageName | null;
  /** Leases, ms. */
  trialLeaseMs: number;
  coordinatorLeaseMs: number;
}

/** Enough for a worker and two trainers that behave. */
const WORKER_BYTES = 700 * 2 ** 20;

/** All processes of a run: the Redis, the product's, and the wires between them. */
export class Company {
  readonly store: Store;
  readonly actors: readonly Actor[];
  /** The APIs' addresses behind wires of their own. */
  readonly doors: readonly Proxy[];
  readonly cages: readonly Cage[];

  private constructor(store: Store, actors: readonly Actor[], doors: readonly Proxy[], cages: readonly Cage[]) {
    this.store = store;
    this.actors = actors;
    this.doors = doors;
    this.cages = cages;
  }

  static async assemble(settings: CompanySettings): Promise<Company> {
    const { folder, random, count } = settings;
    for (const name of ['redis', 'journal', 'logs']) mkdirSync(join(folder, name), { recursive: true });
    const store = await Store.start(join(folder, 'redis'), random);
    const doors: Proxy[] = [];
    const cages: Cage[] = [];
    const actors: Actor[] = [];
    for (const role of ['api', 'coordinator', 'worker'] as const) {
      for (let i = 1; i <= count[role]; i++) {
        const name = `${role}-${i}`;
        const wire = await Proxy.to(store.server.port);
        const port = await freePort();
        if (role === 'api') doors.push(await Proxy.to(port));
        const cage = role === 'worker' ? memoryCage(`gradsmith-chaos-${process.pid}-${i}`, WORKER_BYTES) : null;
        if (cage) cages.push(cage);
        const env = { ...process.env, ...environment(settings, name, wire, port) };
        // One of each role has a clock that can be set; it costs the others nothing.
        actors.push(
          new Actor({
            name,
            role,
            env,
            log: join(folder, 'logs', `${name}.log`),
            wire,
            clock: i === 1 ? fakeClock(folder, name) : null,
            cage,
          }),
        );
      }
    }
    const company = new Company(store, actors, doors, cages);
    for (const actor of actors) actor.start();
    return company;
  }

  byRole(role: Role): Actor[] {
    return this.actors.filter((actor) => actor.role === role);
  }

  /** In every role there is somebody at work whom no fault concerns: work goes on, so that there is something to break. */
  get manned(): boolean {
    return (['api', 'coordinator', 'worker'] as const).every((role) =>
      this.byRole(role).some(({ ready, troubled }) => ready && !troubled),
    );
  }

  /** Starts again who ended without being told to, as a container engine does. Returns how many those were. */
  revive(): number {
    const ended = this.actors.filter(({ lives, troubled }) => !lives && !troubled);
    for (const actor of ended) actor.start();
    return ended.length;
  }

  /** Undoes every fault and has every process run. */
  async heal(): Promise<void> {
    for (const wire of [...this.actors.map(({ wire }) => wire), ...this.doors]) {
      wire.slow(0);
      wire.dark(false);
      wire.loseReplies(0);
    }
    this.store.clock?.set(0);
    for (const actor of this.actors) {
      actor.clock?.set(0);
      actor.signal('SIGCONT');
      if (!actor.lives) actor.start();
    }
    await delay(0);
  }

  /** Ends every process gracefully. Resolves to how long each took, ms. */
  async close(): Promise<Map<string, number>> {
    const took = new Map<string, number>();
    await Promise.all(this.actors.map(async (actor) => took.set(actor.name, await actor.end('SIGTERM'))));
    for (const wire of [...this.actors.map(({ wire }) => wire), ...this.doors]) wire.close();
    return took;
  }
}

function environment(
  { folder, seed, sabotage, trialLeaseMs, coordinatorLeaseMs }: CompanySettings,
  name: string,
  wire: Proxy,
  port: number,
): NodeJS.ProcessEnv {
  return {
    REDIS_URL: `redis://127.0.0.1:${wire.port}`,
    GRADSMITH_PORT: String(port),
    GRADSMITH_REQUESTS_PER_MINUTE: '1000000000',
    GRADSMITH_BACKEND: 'cpu',
    GRADSMITH_SLOTS: '2',
    GRADSMITH_WORKER_NAME: name,
    GRADSMITH_TRIAL_LEASE_MS: String(trialLeaseMs),
    GRADSMITH_COORDINATOR_LEASE_MS: String(coordinatorLeaseMs),
    GRADSMITH_EVERY_MS: '300',
    CHAOS_SEED: String(seed),
    CHAOS_NAME: name,
    CHAOS_JOURNAL: join(folder, 'journal', `${name}.journal`),
    ...(sabotage ? { CHAOS_SABOTAGE: sabotage } : {}),
  };
}
