import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startRedisServer, type RedisServer } from '@gradsmith/testing';
import type { Random } from '../random.ts';
import { redisClock, type Clock } from './clock.ts';

/** The redis-server of a run, and the faults that can be applied to it. */
export class Store {
  readonly server: RedisServer;
  readonly clock: Clock | null;
  readonly #random: Random;
  /** Whether a fault affects it now: there is one at a time. */
  underFault = false;
  kills = 0;
  torn = 0;

  private constructor(server: RedisServer, clock: Clock | null, random: Random) {
    this.server = server;
    this.clock = clock;
    this.#random = random;
  }

  static async start(folder: string, random: Random): Promise<Store> {
    const clock = redisClock(folder);
    const server = await withClock(clock, () => startRedisServer(process.env, [], folder));
    return new Store(server, clock, random);
  }

  /** Kills the server, sometimes tears a write at the end of the log, pauses, and starts it again. */
  async crash(): Promise<void> {
    await this.server.kill();
    this.kills += 1;
    if (this.#random.chance(0.5)) this.#tear();
    await delay(this.#random.between(0, 1_500));
    await withClock(this.clock, () => this.server.start());
  }

  /** Stops the server for a while without closing its connections. */
  async freeze(ms: number): Promise<void> {
    await this.server.freeze();
    await delay(ms);
    await this.server.thaw();
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

/** Runs `start`; processes started in it use the clock. */
async function withClock<T>(clock: Clock | null, start: () => Promise<T>): Promise<T> {
  Object.assign(process.env, clock?.env);
  const started = start();
  for (const name of Object.keys(clock?.env ?? {})) delete process.env[name];
  return started;
}
