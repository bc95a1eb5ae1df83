import { expect, test } from 'vitest';
import { findSharedLimits, slotLimitsSchema } from '../../src/domain/slot-limits.ts';

test('a limit applies to jobs that have its label, also if the label is the name of a property of every object', () => {
  const limits = slotLimitsSchema.parse('owner:*=16,license:matlab=4,constructor:*=2');
  expect(findSharedLimits(limits, {})).toEqual([]);
  expect(findSharedLimits(limits, { owner: 'ann', license: 'other' })).toEqual([{ group: '0 ann', slots: 16 }]);
  expect(findSharedLimits(limits, { license: 'matlab', constructor: 'x' })).toEqual([
    { group: '1 matlab', slots: 4 },
    { group: '2 x', slots: 2 },
  ]);
});
