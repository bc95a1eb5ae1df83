import { Busy, LedgerUnavailable, NotFound } from '../domain/errors.ts';
import type { LedgerStore } from './store.ts';

/** Jobs that are named at once: a specification has up to a mebibyte. */
const NAMED_AT_ONCE = 10;
/** Unreadable jobs that every list tries again; more wait for the next look at all jobs. */
const MAX_RETRIED = 100;
/** How long a list waits for the first look at all jobs, ms. */
const MAX_WAIT_MS = 2_000;

/**
 * Adds names to the index of jobs for jobs that an earlier version has written.
 *
 * The first look at all jobs must end before jobs can be found. It names many jobs after an upgrade, so it continues if
 * the caller no longer waits. Several processes may name the same job: the second one changes nothing.
 */
export class JobNamer {
  readonly #store: LedgerStore;
  readonly #name: (jobId: string) => Promise<void>;
  readonly #maxWaitMs: number;
  /** The look at all jobs that runs. */
  #check: Promise<void> | null = null;
  #hasChecked = false;
  #named = 0;
  readonly #unreadable = new Set<string>();

  constructor(store: LedgerStore, name: (jobId: string) => Promise<void>, maxWaitMs = MAX_WAIT_MS) {
    this.#store = store;
    this.#name = name;
    this.#maxWaitMs = maxWaitMs;
  }

  /** Ids of jobs without names that cannot be read. */
  get unreadable(): ReadonlySet<string> {
    return this.#unreadable;
  }

  /**
   * Resolves when all jobs have been looked at once.
   *
   * @throws Busy if that takes longer than the time limit; LedgerUnavailable
   */
  async waitUntilNamed(): Promise<void> {
    if (this.#hasChecked) return this.#retryUnreadable();
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(this.#describeDelay()), this.#maxWaitMs);
    try {
      await Promise.race([this.checkAll(), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** An unreadable job may have been deleted or restored. */
  async #retryUnreadable(): Promise<void> {
    if (this.#unreadable.size <= MAX_RETRIED) await this.#nameEach([...this.#unreadable]);
  }

  #describeDelay(): Busy {
    const done = `${this.#named} so far`;
    return new Busy(`jobs of an earlier version are being added to the index of jobs (${done}); try again in a moment`);
  }

  /** Looks at all jobs and names those that need it; once for callers at the same time. */
  async checkAll(): Promise<void> {
    this.#check ??= this.#nameAll().finally(() => (this.#check = null));
    return this.#check;
  }

  async #nameAll(): Promise<void> {
    const before = new Set(this.#unreadable);
    this.#named = 0;
    for await (const ids of this.#store.listUnnamed()) {
      for (const id of ids) before.delete(id);
      await this.#nameEach(ids);
    }
    // These have been deleted, or named by another process.
    for (const id of before) this.#unreadable.delete(id);
    this.#hasChecked = true;
  }

  /** Names these jobs. Returns false if there is none of them that can be read. */
  async nameJobs(ids: readonly string[]): Promise<boolean> {
    const wanted = ids.filter((id) => !this.#unreadable.has(id));
    await this.#nameEach(wanted);
    return wanted.some((id) => !this.#unreadable.has(id));
  }

  async #nameEach(ids: readonly string[]): Promise<void> {
    for (let from = 0; from < ids.length; from += NAMED_AT_ONCE) {
      const part = ids.slice(from, from + NAMED_AT_ONCE);
      await Promise.all(part.map(async (id) => this.#nameOne(id)));
      this.#named += part.length;
    }
  }

  async #nameOne(id: string): Promise<void> {
    try {
      await this.#name(id);
    } catch (error) {
      if (error instanceof LedgerUnavailable) throw error;
      if (!(error instanceof NotFound)) {
        this.#unreadable.add(id);
        return;
      }
    }
    this.#unreadable.delete(id);
  }
}
