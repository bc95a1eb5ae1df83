import type { LiveWorker, WorkerInfo, WorkerRegistry } from '@gradsmith/core/ports';

/** The workers of this process. */
export class LocalWorkerRegistry implements WorkerRegistry {
  readonly #workers = new Map<string, { worker: LiveWorker; until: number }>();

  async announce(worker: WorkerInfo, ttlMs: number): Promise<void> {
    const live = { ...structuredClone(worker), seenAt: Date.now() };
    this.#workers.set(worker.id, { worker: live, until: performance.now() + ttlMs });
  }

  async withdraw(workerId: string): Promise<void> {
    this.#workers.delete(workerId);
  }

  async listLive(): Promise<LiveWorker[]> {
    const now = performance.now();
    for (const [id, { until }] of this.#workers) if (until <= now) this.#workers.delete(id);
    return [...this.#workers.values()].map(({ worker }) => structuredClone(worker));
  }
}
