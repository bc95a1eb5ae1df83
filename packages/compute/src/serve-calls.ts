import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { parentPort } from 'node:worker_threads';
import type { ThreadAnswer } from './thread-pool.ts';

/** Answers the calls of a thread pool in this worker thread with the results of `compute`. */
export function serveCalls<Input, Result>(compute: (input: Input) => Result): void {
  parentPort!.postMessage({ systemId: readSystemId() } satisfies ThreadAnswer<Result>);
  parentPort!.on('message', ({ id, input }: { id: number; input: Input }) => {
    parentPort!.postMessage(answerCall(id, () => compute(input)));
  });
}

function answerCall<Result>(id: number, compute: () => Result): Exclude<ThreadAnswer<Result>, { systemId: unknown }> {
  try {
    return { id, result: compute() };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Returns the number that the operating system has for this thread; null if it is not Linux. */
function readSystemId(): number | null {
  try {
    return Number(basename(readlinkSync('/proc/thread-self')));
  } catch {
    return null;
  }
}
