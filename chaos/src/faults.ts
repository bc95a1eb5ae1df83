import { setTimeout as delay } from 'node:timers/promises';
import type { Actor, Role } from './cast/actor.ts';
import type { Company } from './cast/company.ts';
import type { Random } from './random.ts';

/** How often each fault is done, relative to the others. */
export type FaultName = keyof typeof faults;
export type FaultMix = Partial<Record<FaultName, number>>;

export const usualMix: FaultMix = {
  kill: 30,
  terminate: 4,
  stop: 10,
  redisKill: 5,
  redisFreeze: 2,
  redisRefuses: 2,
  cut: 8,
  slow: 5,
  dark: 5,
  loseReply: 20,
  doorCut: 4,
  doorLoses: 8,
  clockJump: 4,
  redisClockJump: 3,
  trainerKill: 6,
  trainerStop: 3,
};

/** What faults act on. `lossy` ones may overlap; two never concern one process or the Redis at once. */
interface Scene {
  company: Company;
  random: Random;
}

/** Each resolves when the fault is over and undone; false where there was nothing to do it to. */
const faults = {
  /** kill −9; started again after a while. */
  kill: (scene: Scene) =>
    onActor(scene, null, async (actor) => {
      await actor.end('SIGKILL');
      await delay(scene.random.between(0, 1_500));
      actor.start();
    }),
  /** As an operator does it. */
  terminate: (scene: Scene) =>
    onActor(scene, null, async (actor) => {
      await actor.end('SIGTERM');
      actor.start();
    }),
  /** It stands still, longer than its leases at times, and goes on as if nothing had been. */
  stop: (scene: Scene) => onActor(scene, null, (actor) => stopFor(actor, scene.random.between(300, 4_500))),
  stopCoordinator: (scene: Scene) =>
    onActor(scene, 'coordinator', (actor) => stopFor(actor, scene.random.between(1_200, 2_500))),
  redisKill: (scene: Scene) => onRedis(scene, () => scene.company.store.crash()),
  redisFreeze: (scene: Scene) => onRedis(scene, () => scene.company.store.freeze(scene.random.between(100, 3_000))),
  redisRefuses: (scene: Scene) => onRedis(scene, () => scene.company.store.refuse(scene.random.between(100, 2_000))),
  cut: (scene: Scene) => onActor(scene, null, async ({ wire }) => wire.cut()),
  slow: (scene: Scene) =>
    onActor(scene, null, async ({ wire }) => {
      wire.slow(scene.random.between(5, 250));
      await delay(scene.random.between(500, 4_000));
      wire.slow(0);
    }),
  dark: (scene: Scene) =>
    onActor(scene, null, async ({ wire }) => {
      wire.dark(true);
      await delay(scene.random.between(300, 4_000));
      wire.dark(false);
    }),
  loseReply: (scene: Scene) => onActor(scene, null, async ({ wire }) => wire.loseReplies(scene.random.int(1, 3))),
  doorCut: async ({ company, random }: Scene) => random.pick(company.doors).cut(),
  doorLoses: async ({ company, random }: Scene) => random.pick(company.doors).loseReplies(random.int(1, 3)),
  clockJump: (scene: Scene) =>
    onActor(scene, null, async (actor) => actor.clock?.set(scene.random.between(-86_400, 86_400))),
  /** The clock that decides leases: far enough to end all of them at once, or to make all of them longer. */
  redisClockJump: async ({ company, random }: Scene) => company.store.clock?.set(random.between(-4, 4)),
  trainerKill: (scene: Scene) => onTrainer(scene, async (pid) => signal(pid, 'SIGKILL')),
  trainerStop: (scene: Scene) =>
    onTrainer(scene, async (pid) => {
      signal(pid, 'SIGSTOP');
      await delay(scene.random.between(300, 8_000));
      signal(pid, 'SIGCONT');
    }),
} satisfies Record<string, (scene: Scene) => Promise<unknown>>;

/**
 * Does one fault to something that suffers none at the moment; resolves when it is undone, to false where there is
 * none.
 */
export async function doFault(name: FaultName, scene: Scene): Promise<boolean> {
  return (await faults[name](scene)) !== false;
}

async function onActor(
  { company, random }: Scene,
  role: Role | null,
  trouble: (actor: Actor) => Promise<void>,
): Promise<false | void> {
  // Mostly those at work: on a slow machine, one that is killed while it starts would never get to anything.
  const early = random.chance(0.1);
  const fit = company.actors.filter(
    (actor) => !actor.troubled && (early ? actor.lives : actor.ready) && (role === null || actor.role === role),
  );
  if (!fit.length) return false;
  const actor = random.pick(fit);
  actor.troubled = true;
  await trouble(actor);
  actor.troubled = false;
}

async function onRedis({ company: { store } }: Scene, trouble: () => Promise<void>): Promise<false | void> {
  if (store.troubled) return false;
  store.troubled = true;
  await trouble();
  store.troubled = false;
}

async function onTrainer({ company, random }: Scene, trouble: (pid: number) => Promise<void>): Promise<false | void> {
  const pids = company.byRole('worker').flatMap(({ children }) => children);
  if (!pids.length) return false;
  await trouble(random.pick(pids));
}

async function stopFor(actor: Actor, ms: number): Promise<void> {
  actor.signal('SIGSTOP');
  await delay(ms);
  actor.signal('SIGCONT');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
