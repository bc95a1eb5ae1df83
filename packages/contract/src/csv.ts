import { formatCsvRow } from '@gradsmith/core/domain';
import type { TrialResource } from './trial-resources.ts';

/** The columns that depend on the job: `point.x` per parameter, then `metric.y` per metric. */
export interface CsvColumns {
  parameters: readonly string[];
  metrics: readonly string[];
}

/**
 * Writes trials as CSV (RFC 4180), one row at a time after a header. A new column goes to the end: scripts may count
 * columns.
 */
export async function* formatTrialsCsv(
  trials: AsyncIterable<TrialResource> | Iterable<TrialResource>,
  { parameters, metrics }: CsvColumns,
): AsyncGenerator<string> {
  yield formatCsvRow([
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
    'feasible',
  ]);
  for await (const trial of trials) {
    const { id, role, number, state, value, source, seed, attempts, createdAt, settledAt, reason, point } = trial;
    yield formatCsvRow([
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
      ...parameters.map((name) => readCell(point, name)),
      ...metrics.map((name) => readCell(trial.metrics, name)),
      trial.feasible,
    ]);
  }
}

/** A parameter or a metric may have the name of a property that every object has. */
export function readCell<T>(cells: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(cells, name) ? cells[name] : undefined;
}
