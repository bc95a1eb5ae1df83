// A thread for tests: computes for as many milliseconds as its input says, and returns its input.
import { serveCalls } from '../../src/serve-calls.ts';

serveCalls((input: string): string => {
  const end = performance.now() + Number(input);
  while (performance.now() < end);
  return input;
});
