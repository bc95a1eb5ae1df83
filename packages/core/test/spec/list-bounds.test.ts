import { expect, test } from 'vitest';
import { listBounds } from '../../src/spec/list-bounds.ts';

test.each([
  [{ type: 'float', low: 0, high: 1 }, 1, 1],
  [{ type: 'float', low: 0, high: 1, step: 0.3 }, 0.9, 0.9],
  [{ type: 'int', low: 1, high: 10, step: 4 }, 9, 9],
  [{ type: 'int', low: 1, high: 10, step: 4 }, 1, 1],
  [{ type: 'float', low: 1e-5, high: 0.1, scale: 'log' }, 1e-5, 1e-5],
] as const)('of %j, the value %d is at the bound %d, a value that it can have', (x, value, bound) => {
  expect(listBounds({ x: value, other: 1 }, { x, other: { type: 'int', low: 0, high: 2 } })).toEqual([
    { parameter: 'x', bound },
  ]);
});
