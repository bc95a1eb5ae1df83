import { closeSync, openSync, readdirSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterProcess, Role } from './cluster/cluster-process.ts';
import type { Cluster } from './cluster/cluster.ts';
import type { DiskFault } from './cluster/process-faults.ts';
import type { Random } from './random.ts';

export type FaultName = keyof typeof faults;
/** Weight of each fault relative to the others. */
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
  partition: 5,
  loseReply: 20,
  cutHttp: 4,
  loseHttpReply: 8,
  clockJump: 4,
  redisClockJump: 3,
  trainerKill: 6,
  trainerStop: 3,
  roll: 4,
  partitionOneWay: 5,
  strandRequest: 8,
  strandHttpRequest: 4,
  duplicateHttpRequest: 6,
  freezeCoordinatorRepeatedly: 2,
  redisReconfigure: 1,
  redisDiskFails: 3,
  redisDiskSlow: 2,
  archiveDiskFails: 2,
  checkpointDiskFails: 3,
  checkpointDamage: 4,
};

/** What faults act on. One process, or Redis, never has two faults at once. */
interface Scene {
  cluster: Cluster;
  random: Random;
}

/** Each fault resolves when it is undone; to false if there was nothing to apply it to. */
const faults = {
  /** Kills a process and starts it again after a while. */
  kill: (scene: Scene) =>
    onProcess(scene, null, async (target) => {
      await target.end('SIGKILL');
      await delay(scene.random.between(0, 1_500));
      target.start();
    }),
  /** Ends a process as an operator does, and starts it again. */
  terminate: (scene: Scene) =>
    onProcess(scene, null, async (target) => {
      await target.end('SIGTERM');
      target.start();
    }),
  /** Stops a process, sometimes for longer than its leases, and continues it. */
  stop: (scene: Scene) => onProcess(scene, null, (target) => pauseProcess(target, scene.random.between(300, 4_500))),
  /** Replaces a process by one of another version of the code, or the other way round. */
  roll: (scene: Scene) => onProcess(scene, null, (target) => scene.cluster.roll(target)),
  /** Stops a coordinator past its lease several times, with moments in which it tries to continue. */
  freezeCoordinatorRepeatedly: (scene: Scene) =>
    onProcess(scene, 'coordinator', async (target) => {
      for (let times = scene.random.int(3, 6); times > 0; times--) {
        await pauseProcess(target, scene.random.between(1_100, 2_000));
        await delay(scene.random.between(20, 300));
      }
    }),
  stopCoordinator: (scene: Scene) =>
    onProcess(scene, 'coordinator', (target) => pauseProcess(target, scene.random.between(1_200, 2_500))),
  redisKill: (scene: Scene) => onRedis(scene, () => scene.cluster.store.crash()),
  redisFreeze: (scene: Scene) => onRedis(scene, () => scene.cluster.store.freeze(scene.random.between(100, 3_000))),
  /** Changes a setting on which durability depends while everything runs, and changes it back. */
  redisReconfigure: (scene: Scene) =>
    onRedis(scene, () => scene.cluster.store.reconfigure(scene.random.between(500, 4_000))),
  /** The disk of Redis is full or broken: it exits and is started again. */
  redisDiskFails: (scene: Scene) => onRedis(scene, async () => void (await scene.cluster.store.failDisk(3_000))),
  redisDiskSlow: (scene: Scene) => onRedis(scene, () => scene.cluster.store.slowDisk(scene.random.between(500, 4_000))),
  /** The disk of the archive is full, broken or slow from the start of a coordinator: it archives when it starts. */
  archiveDiskFails: (scene: Scene) =>
    onProcess(scene, 'coordinator', async (target) => {
      target.disk?.setDisk(drawDiskFault(scene.random, ['write', 'sync', 'slow']));
      await target.end('SIGKILL');
      target.start();
      await delay(scene.random.between(4_000, 10_000));
      target.disk?.setDisk(null);
    }),
  /** The disk of a worker's checkpoints is full, broken or slow. */
  checkpointDiskFails: (scene: Scene) =>
    onProcess(scene, 'worker', async (target) => {
      target.disk?.setDisk(drawDiskFault(scene.random, ['write', 'sync', 'read', 'slow']));
      await delay(scene.random.between(2_000, 8_000));
      target.disk?.setDisk(null);
    }),
  /** The trainers die while one has saved its training, and the disk damages what it saved. */
  checkpointDamage: async ({ cluster, random }: Scene) => {
    if (!(await waitForFreshFile(cluster.checkpoints, 3_000))) return false;
    for (const pid of listTrainers(cluster)) sendSignal(pid, 'SIGKILL');
    return damageFiles(cluster.checkpoints, random);
  },
  redisRefuses: (scene: Scene) => onRedis(scene, () => scene.cluster.store.refuse(scene.random.between(100, 2_000))),
  cut: (scene: Scene) => onProcess(scene, null, async ({ proxy }) => proxy.cut()),
  slow: (scene: Scene) =>
    onProcess(scene, null, async ({ proxy }) => {
      proxy.slow(scene.random.between(5, 250));
      await delay(scene.random.between(500, 4_000));
      proxy.slow(0);
    }),
  partition: (scene: Scene) =>
    onProcess(scene, null, async ({ proxy }) => {
      proxy.partition('both');
      await delay(scene.random.between(300, 4_000));
      proxy.partition(null);
    }),
  /** Requests reach Redis and are carried out, but their replies do not arrive; or only the replies arrive. */
  partitionOneWay: (scene: Scene) =>
    onProcess(scene, null, async ({ proxy }) => {
      proxy.partition(scene.random.pick(['requests', 'replies'] as const));
      await delay(scene.random.between(300, 4_000));
      proxy.partition(null);
    }),
  /** A command reaches Redis after its sender has given up and connected again. */
  strandRequest: (scene: Scene) =>
    onProcess(scene, null, async ({ proxy }) => proxy.strandRequest(scene.random.between(100, 3_000))),
  loseReply: (scene: Scene) => onProcess(scene, null, async ({ proxy }) => proxy.loseReplies(scene.random.int(1, 3))),
  cutHttp: async ({ cluster, random }: Scene) => random.pick(cluster.httpProxies).cut(),
  loseHttpReply: async ({ cluster, random }: Scene) => random.pick(cluster.httpProxies).loseReplies(random.int(1, 3)),
  strandHttpRequest: async ({ cluster, random }: Scene) =>
    random.pick(cluster.httpProxies).strandRequest(random.between(100, 3_000)),
  duplicateHttpRequest: async ({ cluster, random }: Scene) =>
    random.pick(cluster.httpProxies).duplicateRequests(random.int(1, 5)),
  clockJump: (scene: Scene) =>
    onProcess(scene, null, async (target) => target.clock?.set(scene.random.between(-86_400, 86_400))),
  /** Moves the clock that decides leases: far enough to end all of them at once, or to extend all of them. */
  redisClockJump: async ({ cluster, random }: Scene) => cluster.store.clock?.set(random.between(-4, 4)),
  trainerKill: (scene: Scene) => onTrainer(scene, async (pid) => sendSignal(pid, 'SIGKILL')),
  trainerStop: (scene: Scene) =>
    onTrainer(scene, async (pid) => {
      sendSignal(pid, 'SIGSTOP');
      await delay(scene.random.between(300, 8_000));
      sendSignal(pid, 'SIGCONT');
    }),
} satisfies Record<string, (scene: Scene) => Promise<unknown>>;

/** Applies a fault to something without one. Resolves when it is undone; to false if everything has a fault already. */
export async function applyFault(name: FaultName, scene: Scene): Promise<boolean> {
  return (await faults[name](scene)) !== false;
}

async function onProcess(
  { cluster, random }: Scene,
  role: Role | null,
  act: (target: ClusterProcess) => Promise<void>,
): Promise<false | void> {
  // Mostly processes that have started: on a slow machine, others would be killed before they do anything.
  const includeStarting = random.chance(0.1);
  const candidates = cluster.processes.filter(
    (target) =>
      !target.underFault &&
      (includeStarting ? target.isRunning : target.ready) &&
      (role === null || target.role === role),
  );
  if (!candidates.length) return false;
  const target = random.pick(candidates);
  target.underFault = true;
  await act(target);
  target.underFault = false;
}

async function onRedis({ cluster: { store } }: Scene, act: () => Promise<void>): Promise<false | void> {
  if (store.underFault) return false;
  store.underFault = true;
  await act();
  store.underFault = false;
}

async function onTrainer({ cluster, random }: Scene, act: (pid: number) => Promise<void>): Promise<false | void> {
  const pids = listTrainers(cluster);
  if (!pids.length) return false;
  await act(random.pick(pids));
}

function listTrainers(cluster: Cluster): number[] {
  return cluster.byRole('worker').flatMap(({ children }) => children);
}

async function pauseProcess(target: ClusterProcess, ms: number): Promise<void> {
  target.signal('SIGSTOP');
  await delay(ms);
  target.signal('SIGCONT');
}

function drawDiskFault(random: Random, kinds: readonly DiskFault['kind'][]): DiskFault {
  const kind = random.pick(kinds);
  if (kind === 'slow') return { kind, syncMs: 1_000 };
  return kind === 'read' ? { kind, error: 'EIO' } : { kind, error: random.pick(['EIO', 'ENOSPC'] as const) };
}

/** Whether a file of the folder is written within this time, ms. */
async function waitForFreshFile(folder: string, ms: number): Promise<boolean> {
  const start = Date.now();
  const isFresh = (name: string) =>
    (statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0) > start && name.endsWith('.checkpoint');
  for (; Date.now() < start + ms; await delay(5)) if (readdirSync(folder).some(isFresh)) return true;
  return false;
}

/** Changes a bit of each file of the folder, or cuts off its end. Returns whether there was one. */
function damageFiles(folder: string, random: Random): boolean {
  let damaged = false;
  for (const name of readdirSync(folder)) {
    try {
      const path = join(folder, name);
      const bytes = readFileSync(path);
      if (!bytes.length) continue;
      const at = random.int(0, bytes.length - 1);
      if (random.chance(0.2)) truncateSync(path, at);
      else writeByte(path, at, bytes[at]! ^ (1 << random.int(0, 7)));
      damaged = true;
    } catch {
      // The training has finished, so the file is gone.
    }
  }
  return damaged;
}

function writeByte(path: string, at: number, byte: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Uint8Array.of(byte), 0, 1, at);
  closeSync(file);
}

function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The process has exited.
  }
}
