import { expect, test } from 'vitest';
import { displayWidth, padEnd, truncate } from '../src/text/width.ts';

test.each([
  ['loss 0.5', 8],
  ['学習率', 6],
  ['é', 1],
  ['👍🏽', 2],
  ['👩‍🔬', 2],
  ['★ ▁▂▃ …', 7],
  ['\u001B[1mbold\u001B[22m', 4],
])('%j takes %i columns', (text, columns) => {
  expect(displayWidth(text)).toBe(columns);
});

test('cuts text between characters, never inside of one', () => {
  expect(truncate('学習率', 6)).toBe('学習率');
  expect(truncate('学習率', 5)).toBe('学習…');
  expect(truncate('学習率', 4)).toBe('学…');
  expect(truncate('a👩‍🔬bc', 4)).toBe('a👩‍🔬…');
  expect(truncate('abc', 0)).toBe('');
  expect(padEnd('学習', 6)).toBe('学習  ');
});
