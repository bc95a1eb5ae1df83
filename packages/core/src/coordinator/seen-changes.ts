import type { JobRecord } from '../domain/job-record.ts';

/** Jobs that are remembered, at most. */
const KEPT_JOBS = 10_000;

/** The last change of each job that this coordinator has read. A ledger that has less has lost acknowledged changes. */
export class SeenChanges {
  readonly #jobs = new Map<string, { createdAt: number; seq: number }>();

  /** Notes a job as it was just read. Returns the number of its changes that were there before and are gone. */
  note({ id, createdAt, seq }: JobRecord): number {
    const seen = this.#jobs.get(id);
    this.#jobs.delete(id);
    this.#jobs.set(id, { createdAt, seq });
    if (this.#jobs.size > KEPT_JOBS) this.#jobs.delete(this.#jobs.keys().next().value!);
    // A job that was deleted and created again is another one.
    return seen?.createdAt === createdAt ? Math.max(0, seen.seq - seq) : 0;
  }
}
