import { expect, test } from 'vitest';
import { createEnqueuedPoints } from '../../src/domain/enqueued-points.ts';
import { encodeRecord } from '../../src/ledger/records.ts';

test.each([
  ['a number', { value: Number.NaN }, 'value is NaN'],
  [
    'a number in a list',
    {
      rungs: {
        3: [
          ['7', 1],
          ['8', Number.POSITIVE_INFINITY],
        ],
      },
    },
    '1 is Infinity',
  ],
  ['a number in an object of a list', { open: ['1'], list: [{ at: Number.NEGATIVE_INFINITY }] }, 'at is -Infinity'],
])('a record with %s that is not finite is not stored: JSON would make it null', (_, parts, message) => {
  const record = { ...createEnqueuedPoints(), ...parts };
  expect(() => encodeRecord(record)).toThrow(message);
});

test('any other record is stored', () => {
  const record = { ...createEnqueuedPoints(), a: null, b: [1, 'x', [0.5], null], c: { d: true }, e: undefined };
  expect(JSON.parse(encodeRecord(record))).toEqual(JSON.parse(JSON.stringify(record)));
});
