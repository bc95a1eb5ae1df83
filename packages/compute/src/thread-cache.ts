import { SLOW_NICE, ThreadPool } from './thread-pool.ts';

interface Cached<Result> {
  /** The job's sequence number when the result was computed. */
  seq: number;
  result: Promise<Result>;
}

/** Limit of open fits. */
const MAX_OPEN = 16;
/** Time limit of a fit, ms. */
const LIMIT_MS = 60_000;
/** Limit of cached results. Each is valid until its job changes. */
const MAX_CACHED = 200;

/** Computes results of jobs in worker threads, and caches each until its job changes. */
export class ThreadCache<Input, Result> {
  readonly #pool: ThreadPool<Input, Result>;
  readonly #cache = new Map<string, Cached<Result>>();

  constructor({ what, body }: { what: string; body: URL }) {
    this.#pool = new ThreadPool({ what, body, maxOpen: MAX_OPEN, limitMs: LIMIT_MS, slowNice: SLOW_NICE });
  }

  /**
   * Returns the result for a key at a sequence number of its job.
   *
   * @throws Busy if too many others wait
   */
  async compute(key: string, seq: number, input: Input): Promise<Result> {
    const cached = this.#cache.get(key);
    if (cached?.seq === seq) return cached.result;
    const result = this.#pool.call(key, input);
    this.#cache.delete(key);
    this.#cache.set(key, { seq, result });
    result.catch(() => this.#forget(key, result));
    if (this.#cache.size > MAX_CACHED) this.#cache.delete(this.#cache.keys().next().value!);
    return result;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** Keeps a newer result of the same key. */
  #forget(key: string, result: Promise<Result>): void {
    if (this.#cache.get(key)?.result === result) this.#cache.delete(key);
  }
}
