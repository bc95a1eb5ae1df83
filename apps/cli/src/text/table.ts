import { displayWidth, padEnd, padStart } from './width.ts';

export interface Column<Row> {
  title: string;
  /** `right` for numbers. */
  align?: 'left' | 'right';
  cell(row: Row): string;
}

/**
 * Returns rows in aligned columns under their titles, two spaces apart and without trailing spaces. A row is one line:
 * line breaks in its cells are spaces.
 */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ cell }) => cell(row).replaceAll('\n', ' '))),
  ];
  const widths = columns.map((_, i) => cells.reduce((width, line) => Math.max(width, displayWidth(line[i]!)), 0));
  return cells.map((line) =>
    line
      .map((cell, i) => (columns[i]!.align === 'right' ? padStart(cell, widths[i]!) : padEnd(cell, widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}
