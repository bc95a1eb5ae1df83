import { exitCodes } from './exit-codes.ts';

/**
 * Aborts at the first Ctrl-C, SIGTERM or hang-up; at the second the process ends at once. `onFirst` may say what
 * happens now.
 */
export function createInterruption(onFirst: () => void = () => {}): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(exitCodes.interrupted);
      stop.abort();
      onFirst();
    });
  }
  return stop.signal;
}
