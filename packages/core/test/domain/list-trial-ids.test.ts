import { expect, test } from 'vitest';
import { listTrialIds } from '../../src/domain/index.ts';

test('lists search trials by number, then the others in order of creation', () => {
  const extras = ['reference', 'confirm-3-1', 'confirm-reference-1'];
  const ids = listTrialIds({ nextNumber: 11, extras });
  expect(ids.join(' ')).toBe('0 1 2 3 4 5 6 7 8 9 10 reference confirm-3-1 confirm-reference-1');
  expect(listTrialIds({ nextNumber: 0, extras: [] })).toEqual([]);
});
