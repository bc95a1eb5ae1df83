import { parentPort } from 'node:worker_threads';
import type { ThreadAnswer } from './thread-pool.ts';

/** Answers the calls of a thread pool in this worker thread with the results of `compute`. */
export function serveCalls<Input, Result>(compute: (input: Input) => Result): void {
  parentPort!.on('message', ({ id, input }: { id: number; input: Input }) => {
    parentPort!.postMessage(answerCall(id, () => compute(input)));
  });
}

function answerCall<Result>(id: number, compute: () => Result): ThreadAnswer<Result> {
  try {
    return { id, result: compute() };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
