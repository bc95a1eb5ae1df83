import type { Signals } from '@gradsmith/core/ports';

/** Wakes listeners of this process. Other processes on the same ledger poll it. */
export class LocalSignals implements Signals {
  readonly #listeners = new Set<(jobId: string) => void>();

  publish(jobId: string): void {
    // Asynchronously, like signals between processes.
    for (const listener of this.#listeners) queueMicrotask(() => this.#listeners.has(listener) && listener(jobId));
  }

  subscribe(listener: (jobId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }
}
