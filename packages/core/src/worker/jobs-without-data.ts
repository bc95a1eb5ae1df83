/** How long a worker declines the trials of a job whose data it does not have, ms. Then it looks for the data again. */
const DECLINE_MS = 600_000;
/** The latest jobs that are kept, so that announcements stay small. */
const MAX_JOBS = 100;

/** The jobs whose data is not on this machine. */
export class JobsWithoutData {
  readonly #now: () => number;
  readonly #jobs = new Map<string, { reason: string; until: number }>();

  /** @param now a monotonic clock, ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  add(job: string, reason: string): void {
    this.#jobs.delete(job);
    this.#jobs.set(job, { reason, until: this.#now() + DECLINE_MS });
    if (this.#jobs.size > MAX_JOBS) this.#jobs.delete(this.#jobs.keys().next().value!);
  }

  has(job: string): boolean {
    return (this.#jobs.get(job)?.until ?? -Infinity) > this.#now();
  }

  list(): { job: string; reason: string }[] {
    return [...this.#jobs].filter(([job]) => this.has(job)).map(([job, { reason }]) => ({ job, reason }));
  }
}
