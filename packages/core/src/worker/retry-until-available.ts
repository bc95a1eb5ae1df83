import { LedgerUnavailable, NotFound } from '../domain/errors.ts';
import type { ExecutorDeps } from './deps.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

export interface RetryLimits {
  /** Stops retrying when it aborts. */
  signal?: AbortSignal;
  /** Stops retrying after this time, ms. */
  boundMs?: number;
}

/**
 * Repeats a verb of the trial protocol until the ledger answers. Every verb may be repeated. Returns null if it gave up
 * or the job was deleted.
 */
export async function retryUntilAvailable<A>(
  { clock, log }: ExecutorDeps,
  verb: () => Promise<A>,
  { signal, boundMs = Infinity }: RetryLimits = {},
): Promise<A | null> {
  const start = clock.monotonic();
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    try {
      return await verb();
    } catch (error) {
      if (error instanceof NotFound) return null;
      if (!(error instanceof LedgerUnavailable)) throw error;
      if (signal?.aborted || clock.monotonic() - start >= boundMs) return null;
      log.warn({ err: error }, 'the ledger does not answer; trying again');
      await clock.sleep(wait, signal);
    }
  }
}
