// Body of the thread that computes suggestions: one at a time, each a pure function of its message.
import { parentPort } from 'node:worker_threads';
import { suggest, type SuggestInput } from '@gradsmith/bayesopt';

parentPort!.on('message', ({ id, input }: { id: number; input: SuggestInput }) => {
  try {
    parentPort!.postMessage({ id, suggestion: suggest(input) });
  } catch (error) {
    parentPort!.postMessage({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
