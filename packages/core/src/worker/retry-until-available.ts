import { LedgerUnavailable, NotFound } from '../domain/errors.ts';
import type { ExecutorDeps } from './deps.ts';

/** Repeats a verb until the ledger answers. Every verb may be repeated. Null: given up, or the job is gone. */
export async function retryUntilAvailable<A>(
  deps: ExecutorDeps,
  signal: AbortSignal | null,
  verb: () => Promise<A>,
  boundMs = Infinity,
): Promise<A | null> {
  const start = deps.clock.monotonic();
  for (let wait = 100; ; wait = Math.min(2 * wait, 5_000)) {
    try {
      return await verb();
    } catch (error) {
      if (error instanceof NotFound) return null;
      if (!(error instanceof LedgerUnavailable)) throw error;
      if (signal?.aborted || deps.clock.monotonic() - start >= boundMs) return null;
      deps.log.warn({ err: error }, 'the ledger does not answer; what is to be told is kept');
      await deps.clock.sleep(wait, signal ?? undefined);
    }
  }
}
