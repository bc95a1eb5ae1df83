import type { LedgerUnavailable } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

/** Time after which an outage that lasts is reported again, ms. */
const REMIND_MS = 10 * 60_000;

/** Reports the start of an outage of the ledger, and its end with null. */
export type ReportOutage = (error: LedgerUnavailable | null) => void;

interface OutageOptions {
  clock: Clock;
  log: Log;
  /** Time without a failure after which an outage has ended, ms. */
  calmMs: number;
  /** By default, outages are logged. */
  report?: ReportOutage | undefined;
}

/**
 * Reports an outage of the ledger once, and again only after long. The outage ends after a time without a failure: on a
 * full disk, reads succeed while all writes fail.
 */
export class Outage {
  readonly #clock: Clock;
  readonly #calmMs: number;
  readonly #report: (error: LedgerUnavailable | null, ms: number) => void;
  #current: { since: number; reportedAt: number; failedAt: number } | null = null;

  constructor({ clock, log, calmMs, report }: OutageOptions) {
    this.#clock = clock;
    this.#calmMs = calmMs;
    this.#report =
      report ??
      ((error, ms) => {
        if (error) log.error({ err: error, ms }, 'the ledger does not answer; trying until it does');
        else log.info({ ms }, 'the ledger answers again');
      });
  }

  /** Notes that a call failed because the ledger is not available. */
  noteFailure(error: LedgerUnavailable): void {
    const now = this.#clock.monotonic();
    const { since = now, reportedAt = -Infinity } = this.#current ?? {};
    const isDue = now - reportedAt >= REMIND_MS;
    this.#current = { since, reportedAt: isDue ? now : reportedAt, failedAt: now };
    if (isDue) this.#report(error, now - since);
  }

  /** Notes that the ledger was read. */
  noteRead(): void {
    if (!this.#current || this.#clock.monotonic() - this.#current.failedAt < this.#calmMs) return;
    const { since, failedAt } = this.#current;
    this.#current = null;
    this.#report(null, failedAt - since);
  }
}
