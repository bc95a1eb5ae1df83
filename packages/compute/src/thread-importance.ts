import type { Importance } from '@gradsmith/bayesopt';
import type { JobRecord, TrialRecord } from '@gradsmith/core/domain';
import type { JobSpec } from '@gradsmith/core/spec';
import { SLOW_NICE, ThreadPool } from './thread-pool.ts';

export interface ImportanceInput {
  spec: JobSpec;
  job: JobRecord;
  trials: readonly TrialRecord[];
}

interface CachedImportance {
  /** The job's sequence number when the result was computed. */
  seq: number;
  items: Promise<Importance[]>;
}

/** Limit of open fits. */
const MAX_OPEN = 16;
/** Time limit of a fit, ms. */
const LIMIT_MS = 60_000;
/** Limit of cached results. Each is valid until its job changes. */
const MAX_CACHED = 200;

/** Computes parameter importance in a worker thread and caches it until the job changes. */
export class ThreadImportance {
  readonly #pool: ThreadPool<ImportanceInput, Importance[]>;
  readonly #cache = new Map<string, CachedImportance>();

  constructor(body = new URL('importance-thread.ts', import.meta.url)) {
    this.#pool = new ThreadPool({
      what: 'the importance of parameters',
      body,
      maxOpen: MAX_OPEN,
      limitMs: LIMIT_MS,
      slowNice: SLOW_NICE,
    });
  }

  /**
   * Returns the parameters, most important first.
   *
   * @throws Busy if too many jobs wait for their fit
   */
  async measure(input: ImportanceInput): Promise<Importance[]> {
    const { id, seq } = input.job;
    const cached = this.#cache.get(id);
    if (cached?.seq === seq) return cached.items;
    const items = this.#pool.call(id, input);
    this.#cache.delete(id);
    this.#cache.set(id, { seq, items });
    items.catch(() => this.#forget(id, items));
    if (this.#cache.size > MAX_CACHED) this.#cache.delete(this.#cache.keys().next().value!);
    return items;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** Keeps a newer result of the same job. */
  #forget(id: string, items: Promise<Importance[]>): void {
    if (this.#cache.get(id)?.items === items) this.#cache.delete(id);
  }
}
