import { availableParallelism } from 'node:os';

/** Memory for a thread, bytes: about 26 MB that each has before its first call, and what its calls need. */
const THREAD_BYTES = 64 * 2 ** 20;

/**
 * Returns how many threads compute by default: one less than the processors, and at most one for each 64 MiB of a
 * memory limit of this container. On a large machine, threads alone would exceed the limit otherwise.
 */
export function countDefaultThreads(
  processors = availableParallelism(),
  // 0 if it is unknown. Without a limit, it is larger than any memory.
  memoryLimit = process.constrainedMemory(),
): number {
  const inMemory = memoryLimit > 0 ? Math.floor(memoryLimit / THREAD_BYTES) : Infinity;
  return Math.max(1, Math.min(processors - 1, inMemory));
}
