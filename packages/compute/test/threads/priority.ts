// A thread for tests: returns its nice value, at once or as soon as it is not that of the process.
import { getPriority } from 'node:os';
import { serveCalls } from '../../src/serve-calls.ts';

const PATIENCE_MS = 20_000;

serveCalls((input: 'now' | 'changed'): string => {
  const start = performance.now();
  const usual = getPriority(process.pid);
  if (input === 'changed') while (getPriority(0) === usual && performance.now() - start < PATIENCE_MS);
  return String(getPriority(0));
});
