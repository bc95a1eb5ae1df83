import type { TrialResource } from '@gradsmith/contract';

type Cell = string | number | boolean | null | undefined;

/**
 * Trials as CSV (RFC 4180), a column for each parameter (`point.x`) and metric (`metric.y`), the same columns as the
 * service's.
 */
export function trialsAsCsv(trials: readonly TrialResource[]): string {
  const parameters = keysOf(trials.map(({ point }) => point));
  const metrics = keysOf(trials.map((trial) => trial.metrics)).sort();
  const header = [
    'id',
    'role',
    'number',
    'state',
    'value',
    'source',
    'seed',
    'attempts',
    'createdAt',
    'settledAt',
    'reason',
    ...parameters.map((name) => `point.${name}`),
    ...metrics.map((name) => `metric.${name}`),
  ];
  const rows = trials.map(
    ({
      id,
      role,
      number,
      state,
      value,
      source,
      seed,
      attempts,
      createdAt,
      settledAt,
      reason,
      point,
      metrics: measured,
    }): Cell[] => [
      id,
      role,
      number,
      state,
      value,
      source,
      seed,
      attempts.length,
      createdAt,
      settledAt,
      reason,
      ...parameters.map((name) => point[name]),
      ...metrics.map((name) => measured[name]),
    ],
  );
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function keysOf(records: readonly object[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}

function cell(value: Cell): string {
  if (typeof value !== 'string') return value === null || value === undefined ? '' : String(value);
  // A spreadsheet would take a text that begins so for a formula and run it.
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
