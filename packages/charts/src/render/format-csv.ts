import { formatCsvRow } from '@gradsmith/core/domain';
import type { FigureTable } from '../figures/figure.ts';

/** Formats the values of a figure as CSV (RFC 4180), numbers with all their digits. */
export function formatCsv({ columns, rows }: FigureTable): string {
  return [columns, ...rows].map(formatCsvRow).join('');
}
