import type { Clock } from '../ports/clock.ts';
import type { TrialMessage } from '../ports/dispatcher.ts';

/** How long a message that was sent or found counts as queued, ms. After that it is looked for. */
const TRUSTED_MS = 1_000;

/**
 * The messages that this coordinator sent or found, by job. A hint that saves looking for the message of every pending
 * trial each time a job is advanced; a message that is lost is sent again a little later.
 */
export class SentMessages {
  readonly #clock: Clock;
  /** For each job: message ids, and until when they count as queued. */
  readonly #jobs = new Map<string, Map<string, number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note({ jobId, id }: TrialMessage): void {
    const messages = this.#jobs.get(jobId) ?? new Map<string, number>();
    messages.set(id, this.#clock.monotonic() + TRUSTED_MS);
    this.#jobs.set(jobId, messages);
  }

  /** Returns the messages to look for. `pending` are those of all pending trials of the job; others are forgotten. */
  takeDue(jobId: string, pending: readonly TrialMessage[]): TrialMessage[] {
    const known = this.#jobs.get(jobId);
    const now = this.#clock.monotonic();
    const kept = new Map<string, number>();
    const due: TrialMessage[] = [];
    for (const message of pending) {
      const until = known?.get(message.id);
      if (until === undefined || until <= now) due.push(message);
      else kept.set(message.id, until);
    }
    if (kept.size) this.#jobs.set(jobId, kept);
    else this.#jobs.delete(jobId);
    return due;
  }

  delete(jobId: string): void {
    this.#jobs.delete(jobId);
  }
}
