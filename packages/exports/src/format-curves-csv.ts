import { formatCsvRow } from '@gradsmith/contract';
import type { CurveRow } from './list-curves.ts';
import { curveColumns } from './trial-rows.ts';

/** Writes points of curves as CSV (RFC 4180), one row at a time after a header. */
export async function* formatCurvesCsv(rows: AsyncIterable<CurveRow>): AsyncGenerator<string> {
  yield formatCsvRow(curveColumns.map(({ name }) => name));
  for await (const { trial, role, number, attempt, series, step, value } of rows)
    yield formatCsvRow([trial, role, number, attempt, series, step, value]);
}
