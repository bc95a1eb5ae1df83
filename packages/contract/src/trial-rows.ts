import type { TrialRecord } from '@gradsmith/core/domain';
import { z } from 'zod';
import { readCell } from './csv.ts';

type Cell = string | number | boolean | null;

/** Columns of a compact list of trials. Times are in ms since 1970. `point` is one column for each parameter. */
const cells = {
  id: ({ id }) => id,
  role: ({ role }) => role,
  number: ({ number }) => number,
  state: ({ state }) => state,
  value: ({ result }) => result?.value ?? null,
  source: ({ source }) => source.kind,
  createdAt: ({ createdAt }) => createdAt,
  settledAt: ({ settledAt }) => settledAt,
} satisfies Record<string, (trial: TrialRecord) => Cell>;

export const trialColumns = [...Object.keys(cells), 'point'];

const cell = z.union([z.string(), z.number(), z.boolean()]).nullable();

export const trialRowsSchema = z.strictObject({
  columns: z.array(z.string()).describe('Names of the columns; those of parameters begin with `point.`'),
  rows: z
    .array(z.array(cell))
    .describe(
      'A row for each trial, in the order of the columns. Times are in ms; null for what a trial does not have',
    ),
  next: z.string().nullable().describe('`cursor` of the next page; null on the last'),
});
export type TrialRows = z.infer<typeof trialRowsSchema>;

/** Returns the row of a trial. `parameters` are the columns of `point`. */
export function toTrialRow(trial: TrialRecord, columns: readonly string[], parameters: readonly string[]): Cell[] {
  return columns.flatMap((column) => {
    if (column === 'point') return parameters.map((name) => readCell(trial.point, name) ?? null);
    return [cells[column as keyof typeof cells](trial)];
  });
}
