import { isTransient } from '@gradsmith/client';
import { QueryClient } from '@tanstack/react-query';

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;

/** Returns the pause before a try, ms. It doubles with each failure. */
export function getRetryPause(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
}

/** Creates the cache of everything that the page has read. Failed reads are repeated while the page is visible. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always',
        retry: (_failures, error) => isTransient(error),
        retryDelay: getRetryPause,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}
