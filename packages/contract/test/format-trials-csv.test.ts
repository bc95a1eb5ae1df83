import { expect, test } from 'vitest';
import { formatTrialsCsv, type TrialResource } from '../src/index.ts';

test('leaves the cell of a missing parameter or metric empty, whatever its name', async () => {
  const trial = { id: 'reference', role: 'reference', attempts: [], point: {}, metrics: {} };
  const names = ['constructor', 'toString', 'hasOwnProperty'];
  const rows: string[] = [];
  for await (const row of formatTrialsCsv([trial as Partial<TrialResource> as TrialResource], {
    parameters: names,
    metrics: names,
  }))
    rows.push(row);
  expect(rows[1]).toBe(`reference,reference,,,,,,0,,,,${','.repeat(names.length * 2)}\r\n`);
});
