import type { WorkerInfo, WorkerRegistry } from '@gradsmith/core/ports';

/** The workers of this process. */
export class LocalWorkerRegistry implements WorkerRegistry {
  readonly #workers = new Map<string, { worker: WorkerInfo; until: number }>();

  async announce(worker: WorkerInfo, ttlMs: number): Promise<void> {
    this.#workers.set(worker.id, { worker: structuredClone(worker), until: performance.now() + ttlMs });
  }

  async withdraw(workerId: string): Promise<void> {
    this.#workers.delete(workerId);
  }

  async listLive(): Promise<WorkerInfo[]> {
    const now = performance.now();
    for (const [id, { until }] of this.#workers) if (until <= now) this.#workers.delete(id);
    return [...this.#workers.values()].map(({ worker }) => structuredClone(worker));
  }
}
