import type { Clock } from '../ports/clock.ts';

/** Collects the ids of jobs that changed, and wakes the one who waits for them. */
export class ChangedJobs {
  readonly #changed = new Set<string>();
  #woken = false;
  #wake: AbortController | null = null;

  add(jobId: string): void {
    this.#changed.add(jobId);
    this.wake();
  }

  /** Returns the job that changed first and forgets it; undefined if none changed. */
  take(): string | undefined {
    const [first] = this.#changed;
    if (first !== undefined) this.#changed.delete(first);
    return first;
  }

  wake(): void {
    this.#woken = true;
    // With a reason, no exception with a stack is made.
    this.#wake?.abort('woken');
  }

  /** Resolves when a job changes or `wake` is called (also earlier), after `ms`, or when the signal aborts. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController();
    if (!this.#woken) await clock.sleep(Math.max(0, ms), AbortSignal.any([signal, this.#wake.signal]));
    this.#woken = false;
    this.#wake = null;
  }
}
