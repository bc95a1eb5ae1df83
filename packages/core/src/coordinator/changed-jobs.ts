import type { Clock } from '../ports/clock.ts';

/** Collects the jobs that have changed; remembers what came while nobody waited. */
export class ChangedJobs {
  #rung = new Set<string>();
  #wake: AbortController | null = null;

  add(jobId: string): void {
    this.#rung.add(jobId);
    this.#wake?.abort();
  }

  take(): string[] {
    const rung = [...this.#rung];
    this.#rung.clear();
    return rung;
  }

  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController();
    if (!this.#rung.size) await clock.sleep(ms, AbortSignal.any([signal, this.#wake.signal]));
    this.#wake = null;
  }
}
