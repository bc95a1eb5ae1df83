import type { Cell, FigureTable } from '../figures/figure.ts';

/** Formats the values of a figure as CSV (RFC 4180), numbers with all their digits. */
export function formatCsv({ columns, rows }: FigureTable): string {
  return [columns, ...rows].map((row) => `${row.map(formatCell).join(',')}\r\n`).join('');
}

/** Quotes what would break a row. A text that a spreadsheet would compute as a formula gets an apostrophe. */
function formatCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
