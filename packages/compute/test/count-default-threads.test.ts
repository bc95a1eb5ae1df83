import { expect, test } from 'vitest';
import { countDefaultThreads } from '../src/count-default-threads.ts';

test.each([
  ['one less than the processors', 4, 0, 3],
  ['one on a single processor', 1, 0, 1],
  ['without a memory limit, as many on a large machine', 128, 2 ** 64, 127],
  ['as many as fit into the memory of a container on a large machine', 128, 2 ** 30, 16],
  ['one in a container with little memory', 128, 2 ** 20, 1],
])('starts %s', (_, processors, memoryLimit, threads) => {
  expect(countDefaultThreads(processors, memoryLimit)).toBe(threads);
});
