import { LedgerUnavailable } from '@gradsmith/core/domain';
import { type Log } from '@gradsmith/core/ports';
import { Redis } from 'ioredis';
import { toLedgerError, UnfitRedis } from './errors.ts';
import { checkFitness, sealLog } from './fitness.ts';
import type { Keys } from './keys.ts';
import { boundedOptions, type RedisSettings } from './settings.ts';

/** Calls wait for the end of a shorter outage. In a longer one, every call is refused at once. */
const GRACE_MS = 2_000;
const DEFAULT_RECHECK_MS = 10_000;

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * A connection on which every call ends within a time limit, with its answer or with LedgerUnavailable. Each new
 * connection is checked and sealed (see fitness.ts) before its first call, because the server may have been restarted
 * with other settings. The settings are checked again from time to time, because `CONFIG SET` changes them while the
 * server runs; calls are then refused until they are corrected.
 */
export class Link {
  readonly #client: Redis;
  readonly #log: Log;
  readonly #settings: RedisSettings;
  readonly #keys: Keys;
  /** Resolves while a checked connection exists; rejects if the Redis is unfit. Replaced when the connection breaks. */
  #standing = Promise.withResolvers<void>();
  #stands = false;
  /** Whether a checked connection has ever existed. */
  #admitted = false;
  #downSince = performance.now();
  /** Why the last connection, or attempt at one, failed. */
  #trouble: Error | null = null;
  #connections = 0;
  readonly #rechecking: NodeJS.Timeout;
  #closed: LedgerUnavailable | null = null;

  constructor(settings: RedisSettings, keys: Keys, log: Log) {
    this.#settings = settings;
    this.#keys = keys;
    this.#log = log;
    this.#client = new Redis(boundedOptions(settings));
    this.#client.on('error', (error: Error) => this.#note(error));
    this.#client.on('ready', () => void this.#admit());
    this.#client.on('close', () => this.#dismiss());
    this.#client.connect().catch(() => {});
    this.#rechecking = setInterval(() => void this.#recheck(), settings.recheckMs ?? DEFAULT_RECHECK_MS).unref();
  }

  /**
   * Runs one command or script on the connection. Several commands need several calls, because each must use a checked
   * connection.
   *
   * @throws LedgerUnavailable (also UnfitRedis), CorruptRecord, or a script's own error
   */
  async run<T>(command: (client: Redis) => Promise<T>): Promise<T> {
    await this.ready();
    try {
      return await command(this.#client);
    } catch (error) {
      throw toLedgerError(error);
    }
  }

  /**
   * Resolves when a checked connection exists.
   *
   * @throws UnfitRedis, or LedgerUnavailable after the grace time
   */
  async ready(): Promise<void> {
    if (this.#closed) throw this.#closed;
    // The connection may be broken before its close event arrives. Nothing can be sent on it, so wait for the next
    // one.
    if (this.#stands && !this.#client.stream.writable) this.#dismiss();
    if (this.#stands) return;
    if (this.#trouble instanceof UnfitRedis) throw this.#trouble;
    const tooLong = Promise.withResolvers<never>();
    const left = Math.max(0, this.#downSince + GRACE_MS - performance.now());
    const timer = setTimeout(() => tooLong.reject(this.#absence()), left);
    try {
      await Promise.race([this.#standing.promise, tooLong.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes the connection. Calls in flight are refused. */
  close(): void {
    this.#closed = new LedgerUnavailable('the connection to Redis was closed');
    clearInterval(this.#rechecking);
    this.#renew((standing) => standing.reject(this.#closed));
    this.#client.disconnect();
  }

  async #admit(): Promise<void> {
    const connection = this.#connections;
    try {
      await checkFitness(this.#client, this.#settings, this.#log);
      await sealLog(this.#client, this.#keys);
      if (connection !== this.#connections) return;
      this.#stands = true;
      this.#admitted = true;
      this.#trouble = null;
      this.#standing.resolve();
    } catch (error) {
      if (connection === this.#connections) this.#refuse(toLedgerError(error));
    }
  }

  #refuse(refusal: Error): void {
    const connection = this.#connections;
    if (this.#trouble?.message !== refusal.message) this.#log.error({ err: refusal }, 'this Redis cannot be used now');
    this.#trouble = refusal;
    if (refusal instanceof UnfitRedis) this.#renew((standing) => standing.reject(refusal));
    // Its settings, memory or disk may have been corrected in the meantime.
    setTimeout(() => connection === this.#connections && void this.#admit(), GRACE_MS).unref();
  }

  async #recheck(): Promise<void> {
    if (!this.#stands) return;
    const connection = this.#connections;
    try {
      // What was accepted with a warning needs no second one.
      await checkFitness(this.#client, this.#settings, silent);
    } catch (error) {
      // Any other failure is met by the calls, too.
      if (!(error instanceof UnfitRedis) || connection !== this.#connections || !this.#stands) return;
      this.#stands = false;
      this.#refuse(error);
    }
  }

  #note(error: Error): void {
    this.#log.debug({ err: error }, 'Redis connection');
    this.#trouble = error;
  }

  #absence(): LedgerUnavailable {
    if (this.#trouble instanceof LedgerUnavailable) return this.#trouble;
    const trouble = this.#trouble?.message ?? 'no answer';
    if (/^(NOAUTH|WRONGPASS)\b/.test(trouble)) return new LedgerUnavailable(this.#describeRefusedPassword(trouble));
    return new LedgerUnavailable(`Redis cannot be reached: ${trouble}${this.#admitted ? '' : this.#protocolAdvice()}`);
  }

  #describeRefusedPassword(trouble: string): string {
    const isMissing = trouble.startsWith('NOAUTH');
    return (
      `Redis ${isMissing ? 'asks for a password' : 'does not accept the user and the password'}; set it in REDIS_URL ` +
      '(redis://user:password@host:6379) or in a file that REDIS_PASSWORD_FILE names'
    );
  }

  /** Two sides that disagree about TLS get no clear error: one closes the connection or waits forever. */
  #protocolAdvice(): string {
    if (this.#client.options.tls) return this.#trouble ? '' : '. Where it takes plain text, its address is redis://…';
    const code = (this.#trouble as NodeJS.ErrnoException | null)?.code;
    return code === 'ECONNRESET' || code === 'EPIPE' ? '. Where it takes TLS only, its address is rediss://…' : '';
  }

  #dismiss(): void {
    this.#connections += 1;
    if (!this.#stands) return;
    this.#stands = false;
    this.#renew(() => {});
    this.#downSince = performance.now();
  }

  #renew(settle: (standing: PromiseWithResolvers<void>) => void): void {
    const standing = this.#standing;
    this.#standing = Promise.withResolvers<void>();
    // Without a waiting caller, the rejection would be unhandled.
    standing.promise.catch(() => {});
    settle(standing);
  }
}
