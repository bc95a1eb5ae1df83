import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startRedisServer, type RedisServer } from '@gradsmith/testing';
import type { Random } from '../random.ts';
import { redisClock, type Clock } from './clock.ts';

/** The run's redis-server and what can be done to it. */
export class Store {
  readonly server: RedisServer;
  readonly clock: Clock | null;
  readonly #random: Random;
  /** One fault at a time. */
  troubled = false;
  kills = 0;
  torn = 0;

  private constructor(server: RedisServer, clock: Clock | null, random: Random) {
    this.server = server;
    this.clock = clock;
    this.#random = random;
  }

  static async start(folder: string, random: Random): Promise<Store> {
    const clock = redisClock(folder);
    const server = await underClock(clock, () => startRedisServer(process.env, [], folder));
    return new Store(server, clock, random);
  }

  /** Kill −9, sometimes a torn write at the end of the log, a pause, and a start. */
  async crash(): Promise<void> {
    await this.server.kill();
    this.kills += 1;
    if (this.#random.chance(0.5)) this.#tear();
    await delay(this.#random.between(0, 1_500));
    await underClock(this.clock, () => this.server.start());
  }

  /** It stands still for a while, with its connections open. */
  async freeze(ms: number): Promise<void> {
    await this.server.freeze();
    await delay(ms);
    await this.server.thaw();
  }

  /** Refuses writes for a while, being out of memory. */
  async refuse(ms: number): Promise<void> {
    await this.server.command('CONFIG', 'SET', 'maxmemory', '1');
    await delay(ms);
    await this.server.command('CONFIG', 'SET', 'maxmemory', '0');
  }

  /**
   * A crash in the middle of a write leaves its beginning in the log. Nothing acknowledged is in it: the log is synced
   * before each reply. So the beginning of the last transaction, or of the last change of a job, is written once more.
   */
  #tear(): void {
    const { logFile } = this.server;
    const log = readFileSync(logFile);
    const [start, end] = this.#random.chance(0.5) ? lastTransaction(log) : lastCommand(log);
    if (end - start < 2) return;
    appendFileSync(logFile, log.subarray(start, this.#random.int(start + 1, end - 1)));
    this.torn += 1;
  }
}

const MULTI = '*1\r\n$5\r\nMULTI\r\n';
const EXEC = '*1\r\n$4\r\nEXEC\r\n';

/** Where it begins and ends in the append-only file; nothing where there is none. */
function lastTransaction(log: Buffer): [start: number, end: number] {
  const end = log.lastIndexOf(EXEC);
  const start = log.lastIndexOf(MULTI, Math.max(end, 0));
  return start < 0 || end < 0 ? [0, 0] : [start, end + EXEC.length];
}

/** The same of the last HSET, whose length its own numbers tell: `*<parts>`, then `$<bytes>` before each part. */
function lastCommand(log: Buffer): [start: number, end: number] {
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

/** Whoever starts within `start` inherits the clock. */
async function underClock<T>(clock: Clock | null, start: () => Promise<T>): Promise<T> {
  Object.assign(process.env, clock?.env);
  const started = start();
  for (const name of Object.keys(clock?.env ?? {})) delete process.env[name];
  return started;
}
