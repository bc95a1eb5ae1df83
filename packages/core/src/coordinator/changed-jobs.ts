import type { Clock } from '../ports/clock.ts';

/** Collects the ids of jobs that changed, also while nobody waits for them. */
export class ChangedJobs {
  #changed = new Set<string>();
  #wake: AbortController | null = null;

  add(jobId: string): void {
    this.#changed.add(jobId);
    this.#wake?.abort();
  }

  /** Returns the changed jobs and forgets them. */
  take(): string[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  /** Resolves when a job changes, after `ms`, or when the signal aborts. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController();
    if (!this.#changed.size) await clock.sleep(ms, AbortSignal.any([signal, this.#wake.signal]));
    this.#wake = null;
  }
}
