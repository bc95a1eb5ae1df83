// A thread for tests: returns its input, or does what the input names.
import { parentPort } from 'node:worker_threads';

parentPort!.postMessage({ systemId: null });
parentPort!.on('message', ({ id, input }: { id: number; input: string }) => {
  if (input === 'crash') throw new Error('crashed');
  if (input === 'exit') process.exit(3);
  if (input === 'hang') return;
  // Blocks the thread as an endless computation does.
  if (input === 'loop') for (;;);
  if (input === 'fail') parentPort!.postMessage({ id, error: 'no result' });
  else parentPort!.postMessage({ id, result: input });
});
