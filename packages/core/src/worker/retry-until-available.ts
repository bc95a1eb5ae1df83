import { LedgerUnavailable, NotFound } from '../domain/errors.ts';
import type { ExecutorDeps } from './deps.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

export interface RetryLimits {
  /** Stops retrying when it aborts, or `graceMs` later. */
  signal?: AbortSignal;
  /** Time for which it still retries after `signal` aborted, ms; none by default. */
  graceMs?: number;
  /** Stops retrying after this time, ms. */
  boundMs?: number;
  /** Called if it gave up. */
  onGivenUp?(error: LedgerUnavailable): void;
}

/**
 * Repeats an operation of the trial protocol until the ledger answers. Every operation may be repeated. Returns null if
 * it gave up or the job was deleted.
 */
export async function retryUntilAvailable<A>(
  { clock, log }: ExecutorDeps,
  operation: () => Promise<A>,
  { signal, graceMs = 0, boundMs = Infinity, onGivenUp }: RetryLimits = {},
): Promise<A | null> {
  const start = clock.monotonic();
  let abortedAt: number | null = null;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    try {
      return await operation();
    } catch (error) {
      if (error instanceof NotFound) return null;
      if (!(error instanceof LedgerUnavailable)) throw error;
      const now = clock.monotonic();
      if (signal?.aborted && abortedAt === null) [abortedAt, wait] = [now, FIRST_WAIT_MS];
      const left = Math.min(start + boundMs - now, (abortedAt ?? Infinity) + graceMs - now);
      if (left <= 0) {
        onGivenUp?.(error);
        return null;
      }
      log.warn({ err: error }, 'the ledger does not answer; trying again');
      // A signal that has aborted would end each wait at once.
      await clock.sleep(Math.min(wait, left), abortedAt === null ? signal : undefined);
    }
  }
}
