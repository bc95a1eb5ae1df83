import { expect, test } from 'vitest';
import { classifyInterval } from '../../src/domain/index.ts';

test('an interval of a gain is better or worse only if it excludes 0', () => {
  expect(classifyInterval([0.1, 0.2])).toBe('better');
  expect(classifyInterval([-0.2, -0.1])).toBe('worse');
  expect(classifyInterval([-0.1, 0.2])).toBe('unclear');
  expect(classifyInterval([0, 0.2])).toBe('unclear');
  expect(classifyInterval([-0.2, 0])).toBe('unclear');
});
