import { writeFile } from 'node:fs/promises';
import type { Log } from '@gradsmith/core/ports';

/** Sets the time of a file that a health check reads. Does not wait; a failure is logged. Without a path: nothing. */
export function touchAliveFile(path: string | undefined, log: Log): void {
  if (path === undefined) return;
  void writeFile(path, '').catch((error: unknown) => log.warn({ err: error }, 'alive file not written'));
}
