import type { Clock } from '../ports/clock.ts';

/** A job with fewer open trials has all of them read in each round. */
const FEW = 64;
/** Time between two reads of the open trials of a job, ms, for each of them. */
const PAUSE_PER_TRIAL_MS = 0.4;

interface JobReads {
  /** When the open trials are read again. */
  dueAt: number;
  /** Whether a round at that time was asked for. */
  isAsked: boolean;
}

/**
 * Decides in which rounds the open trials of a job are read. Attempts that expired and messages that are missing are
 * found by reading all of them. A job with a thousand open trials changes a thousand times a second, so its rounds
 * between two reads only create trials for free slots.
 */
export class OpenTrialReads {
  readonly #clock: Clock;
  readonly #ask: (jobId: string) => void;
  readonly #jobs = new Map<string, JobReads>();

  /** `ask` asks for a round of a job whose last one did not read the open trials. */
  constructor(clock: Clock, ask: (jobId: string) => void) {
    this.#clock = clock;
    this.#ask = ask;
  }

  isDue(jobId: string): boolean {
    const reads = this.#jobs.get(jobId);
    return !reads || reads.dueAt <= this.#clock.monotonic();
  }

  note(jobId: string, openTrials: number): void {
    if (openTrials < FEW) this.#jobs.delete(jobId);
    else this.#jobs.set(jobId, { dueAt: this.#clock.monotonic() + openTrials * PAUSE_PER_TRIAL_MS, isAsked: false });
  }

  /** Asks for a round when the open trials are to be read again: what this round has not seen must not wait longer. */
  noteSkipped(jobId: string): void {
    const reads = this.#jobs.get(jobId);
    if (!reads || reads.isAsked) return;
    reads.isAsked = true;
    void this.#clock.sleep(Math.max(0, reads.dueAt - this.#clock.monotonic())).then(() => this.#ask(jobId));
  }

  delete(jobId: string): void {
    this.#jobs.delete(jobId);
  }
}
