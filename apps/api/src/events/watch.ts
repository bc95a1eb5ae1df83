import type { Signals } from '@gradsmith/core/ports';

/** Lets requests wait for a change of a job. Each waiting request has one timer. */
export class Watch {
  readonly #waiters = new Map<string, Set<() => void>>();
  readonly #unsubscribe: () => void;
  #closed = false;

  constructor(signals: Signals) {
    this.#unsubscribe = signals.subscribe((jobId) => {
      for (const key of [jobId, ANY]) for (const wake of this.#waiters.get(key) ?? []) wake();
    });
  }

  /** True once the service stops. Then nothing waits. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when the job may have changed, or after `ms`, because signals may be lost. Null: any job. */
  async change(jobId: string | null, ms: number): Promise<void> {
    if (this.#closed) return;
    const key = jobId ?? ANY;
    await new Promise<void>((resolve) => {
      const waiters = this.#waiters.get(key) ?? new Set();
      this.#waiters.set(key, waiters);
      const wake = (): void => {
        clearTimeout(timer);
        waiters.delete(wake);
        if (!waiters.size && this.#waiters.get(key) === waiters) this.#waiters.delete(key);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      waiters.add(wake);
    });
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    for (const waiters of this.#waiters.values()) for (const wake of waiters) wake();
  }
}

const ANY = '*';
