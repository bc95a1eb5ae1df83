import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startRedisServer, type RedisServer } from '@gradsmith/testing';
import type { Random } from '../random.ts';
import { createProcessFaults, type DiskFault, type ProcessFaults } from './process-faults.ts';

/** The redis-server of a run, and the faults that can be applied to it. */
export class Store {
  readonly server: RedisServer;
  readonly clock: ProcessFaults | null;
  readonly #random: Random;
  /** Whether a fault affects it now: there is one at a time. */
  underFault = false;
  kills = 0;
  torn = 0;
  /** Times that it exited because of a failed disk. */
  diskExits = 0;

  private constructor(server: RedisServer, clock: ProcessFaults | null, random: Random) {
    this.server = server;
    this.clock = clock;
    this.#random = random;
  }

  static async start(folder: string, random: Random): Promise<Store> {
    const clock = createProcessFaults(folder, 'redis', '.aof');
    const server = await startRedisServer({ ...process.env, ...clock?.env }, [], folder);
    return new Store(server, clock, random);
  }

  /** Kills the server, sometimes tears a write at the end of the log, pauses, and starts it again. */
  async crash(): Promise<void> {
    await this.server.kill();
    this.kills += 1;
    if (this.#random.chance(0.5)) this.#tear();
    await delay(this.#random.between(0, 1_500));
    await this.server.start();
  }

  /** Stops the server for a while without closing its connections. */
  async freeze(ms: number): Promise<void> {
    await this.server.freeze();
    await delay(ms);
    await this.server.thaw();
  }

  /** Lets each sync of the log take longer for a while. */
  async slowDisk(ms: number): Promise<void> {
    this.clock?.setDisk({ kind: 'slow', syncMs: this.#random.between(50, 700) });
    await delay(ms);
    this.clock?.setDisk(null);
  }

  /**
   * Lets writes or syncs of the log fail for a while: the disk is full or broken. The server then exits, because it may
   * not reply, and is started again, as a container engine does. Returns whether it exited.
   */
  async failDisk(ms: number): Promise<boolean> {
    if (!this.clock) return false;
    const error = this.#random.pick(['EIO', 'ENOSPC'] as const);
    const fault: DiskFault = { kind: this.#random.pick(['write', 'sync'] as const), error };
    this.clock.setDisk(fault);
    for (const end = performance.now() + ms; !this.server.hasExited && performance.now() < end;) await delay(20);
    this.clock.setDisk(null);
    if (!this.server.hasExited) return false;
    await this.server.kill();
    await this.server.start();
    this.diskExits += 1;
    return true;
  }

  /** Lets the server refuse writes for a while because it is out of memory. */
  async refuse(ms: number): Promise<void> {
    await this.server.command('CONFIG', 'SET', 'maxmemory', '1');
    await delay(ms);
    await this.server.command('CONFIG', 'SET', 'maxmemory', '0');
  }

  /** Weakens a setting that every process checks, for a while. */
  async reconfigure(ms: number): Promise<void> {
    const [name, weak, right] = this.#random.pick([
      ['appendfsync', 'everysec', 'always'],
      ['maxmemory-policy', 'allkeys-lru', 'noeviction'],
    ] as const);
    await this.server.command('CONFIG', 'SET', name, weak);
    await delay(ms);
    await this.server.command('CONFIG', 'SET', name, right);
  }

  /**
   * Appends the beginning of the last transaction or of the last change of a job once more, as a crash in the middle of
   * a write does. A torn write was never acknowledged, because the log is synced before each reply.
   */
  #tear(): void {
    const { logFile } = this.server;
    const log = readFileSync(logFile);
    const [start, end] = this.#random.chance(0.5) ? findLastTransaction(log) : findLastCommand(log);
    if (end - start < 2) return;
    appendFileSync(logFile, log.subarray(start, this.#random.int(start + 1, end - 1)));
    this.torn += 1;
  }
}

const MULTI = '*1\r\n$5\r\nMULTI\r\n';
const EXEC = '*1\r\n$4\r\nEXEC\r\n';

/** Returns the range of the last transaction in the append-only file; an empty range if there is none. */
function findLastTransaction(log: Buffer): [start: number, end: number] {
  const end = log.lastIndexOf(EXEC);
  const start = log.lastIndexOf(MULTI, Math.max(end, 0));
  return start < 0 || end < 0 ? [0, 0] : [start, end + EXEC.length];
}

/** Returns the range of the last HSET. Its length follows from `*<parts>`, then `$<bytes>` before each part. */
function findLastCommand(log: Buffer): [start: number, end: number] {
  const name = log.lastIndexOf('\r\n$4\r\nHSET\r\n');
  const start = log.lastIndexOf('*', name);
  if (name < 0 || start < 0) return [0, 0];
  let at = log.indexOf('\r\n', start) + 2;
  for (let parts = Number(log.subarray(start + 1, at - 2)); parts > 0; parts--) {
    const text = log.indexOf('\r\n', at) + 2;
    at = text + Number(log.subarray(at + 1, text - 2)) + 2;
  }
  return at > log.length ? [0, 0] : [start, at];
}
