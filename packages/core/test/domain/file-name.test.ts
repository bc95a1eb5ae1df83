import { expect, test } from 'vitest';
import { InvalidInput, toFileName } from '../../src/domain/index.ts';

test('a plain name becomes a file name', () => {
  expect(toFileName('job_0123456789abcdef0123', '.json')).toBe('job_0123456789abcdef0123.json');
  expect(toFileName('fashion-mnist', '.bin')).toBe('fashion-mnist.bin');
});

test.each(['', '.', '..', '../x', 'a/b', 'a\\b', '/etc/passwd', 'a\0', 'a\nb', '.hidden', '-rf', 'x'.repeat(101), 'ä'])(
  'the name %j is refused, because it could lead out of its folder',
  (name) => expect(() => toFileName(name, '.json')).toThrow(InvalidInput),
);
