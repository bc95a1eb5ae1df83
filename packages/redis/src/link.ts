import { LedgerUnavailable, type Log } from '@gradsmith/core';
import { Redis } from 'ioredis';
import { toLedgerError, UnfitRedis } from './errors.ts';
import { checkFitness, sealLog } from './fitness.ts';
import type { Keys } from './keys.ts';
import { boundedOptions, type RedisSettings } from './settings.ts';

/** An outage shorter than this is waited out; in a longer one every call is refused at once. */
const GRACE_MS = 2_000;

/**
 * One connection on which every call ends within a bound: by its answer or by LedgerUnavailable. Each new connection
 * is checked and sealed (see fitness.ts) before the first call goes through it, as the server behind it may be a
 * freshly started one with other settings.
 */
export class Link {
  readonly #client: Redis;
  readonly #log: Log;
  readonly #settings: RedisSettings;
  readonly #keys: Keys;
  /** Resolved while a checked connection stands; renewed when it breaks. */
  #standing = Promise.withResolvers<void>();
  #stands = false;
  #downSince = performance.now();
  #refusal: Error | null = null;
  #connections = 0;

  constructor(settings: RedisSettings, keys: Keys, log: Log) {
    this.#settings = settings;
    this.#keys = keys;
    this.#log = log;
    this.#client = new Redis(boundedOptions(settings));
    this.#client.on('error', (error: Error) => log.debug({ err: error }, 'Redis connection'));
    this.#client.on('ready', () => void this.#admit());
    this.#client.on('close', () => this.#dismiss());
    this.#client.connect().catch(() => {});
  }

  /**
   * Runs one command or script on the connection; several would need several calls, as each must go through a checked
   * connection. Throws LedgerUnavailable, UnfitRedis, CorruptRecord, or a script's own error.
   */
  async run<T>(command: (client: Redis) => Promise<T>): Promise<T> {
    await this.ready();
    try {
      return await command(this.#client);
    } catch (error) {
      throw toLedgerError(error);
    }
  }

  /** Resolves when a checked connection stands. Throws UnfitRedis, or LedgerUnavailable after the grace time. */
  async ready(): Promise<void> {
    if (this.#stands) return;
    if (this.#refusal instanceof UnfitRedis) throw this.#refusal;
    const tooLong = Promise.withResolvers<never>();
    const left = Math.max(0, this.#downSince + GRACE_MS - performance.now());
    const timer = setTimeout(() => tooLong.reject(this.#refusal ?? new LedgerUnavailable('Redis cannot be reached')), left);
    try {
      await Promise.race([this.#standing.promise, tooLong.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the connection; calls in flight are refused. */
  close(): void {
    this.#client.disconnect();
  }

  async #admit(): Promise<void> {
    const connection = this.#connections;
    try {
      await checkFitness(this.#client, this.#settings, this.#log);
      await sealLog(this.#client, this.#keys);
      if (connection !== this.#connections) return;
      this.#stands = true;
      this.#refusal = null;
      this.#standing.resolve();
    } catch (error) {
      if (connection !== this.#connections) return;
      const refusal = toLedgerError(error);
      if (this.#refusal?.message !== refusal.message) this.#log.error({ err: refusal }, 'this Redis cannot be used now');
      this.#refusal = refusal;
      // Its settings, memory or disk may have been put right by then.
      setTimeout(() => connection === this.#connections && void this.#admit(), GRACE_MS).unref();
    }
  }

  #dismiss(): void {
    this.#connections += 1;
    if (!this.#stands) return;
    this.#stands = false;
    this.#standing = Promise.withResolvers<void>();
    this.#downSince = performance.now();
  }
}
