import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@gradsmith/core/ports';

/** The process's own clock: waits that an abort cuts short, and a time that never goes back. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal ? { signal } : {});
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  },
};
