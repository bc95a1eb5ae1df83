import { Busy } from '@gradsmith/core/domain';
import { SLOW_NICE, ThreadPool } from './thread-pool.ts';

interface Cached<Result> {
  seq: number;
  result: Promise<Result>;
}

/** Limit of open fits. */
const MAX_OPEN = 16;
/** Limit of open fits of one job, which may be asked for with many settings. */
const MAX_OPEN_OF_JOB = 2;
/** Time limit of a fit, ms. */
const LIMIT_MS = 60_000;
/** Limit of cached results. Each is valid until its job changes. */
const MAX_CACHED = 200;

/** What a result belongs to. */
export interface CacheKey {
  jobId: string;
  /** The job's sequence number: a result is valid until the job changes. */
  seq: number;
  /** Distinguishes several results of a job; by default there is one. */
  part?: string;
}

/** Computes results of jobs in worker threads, and caches each until its job changes. */
export class ThreadCache<Input, Result> {
  readonly #pool: ThreadPool<Input, Result>;
  readonly #cache = new Map<string, Cached<Result>>();
  readonly #what: string;
  /** Open fits by job. */
  readonly #open = new Map<string, number>();

  constructor({ what, body }: { what: string; body: URL }) {
    this.#what = what;
    this.#pool = new ThreadPool({ what, body, maxOpen: MAX_OPEN, limitMs: LIMIT_MS, slowNice: SLOW_NICE });
  }

  /**
   * Returns the result for a key.
   *
   * @throws Busy if too many others wait, or too many fits of this job
   */
  async compute({ jobId, seq, part = '' }: CacheKey, input: Input): Promise<Result> {
    const key = `${jobId} ${part}`;
    const cached = this.#cache.get(key);
    if (cached?.seq === seq) return cached.result;
    const result = this.#call(jobId, input);
    this.#cache.delete(key);
    this.#cache.set(key, { seq, result });
    result.catch(() => this.#forget(key, result));
    if (this.#cache.size > MAX_CACHED) this.#cache.delete(this.#cache.keys().next().value!);
    return result;
  }

  async #call(jobId: string, input: Input): Promise<Result> {
    const open = this.#open.get(jobId) ?? 0;
    if (open >= MAX_OPEN_OF_JOB) throw new Busy(`${this.#what} of this job is being computed; try again in a moment`);
    this.#open.set(jobId, open + 1);
    try {
      return await this.#pool.call(jobId, input);
    } finally {
      const left = this.#open.get(jobId)! - 1;
      if (left) this.#open.set(jobId, left);
      else this.#open.delete(jobId);
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** Keeps a newer result of the same key. */
  #forget(key: string, result: Promise<Result>): void {
    if (this.#cache.get(key)?.result === result) this.#cache.delete(key);
  }
}
