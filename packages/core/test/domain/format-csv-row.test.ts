import { expect, test } from 'vitest';
import { formatCsvRow } from '../../src/domain/index.ts';

test('quotes what would break a row, and puts an apostrophe in front of formulas', () => {
  expect(formatCsvRow(['a,b', 'say "x"', '=1+1', -1, true, null, undefined])).toBe(
    '"a,b","say ""x""",\'=1+1,-1,true,,\r\n',
  );
});
