import type { Valued } from './history.ts';

/** Number of rows that the surrogate is conditioned on at most. It bounds the cost of a suggestion. */
const MODEL_ROWS = 400;
/** Number of rows that the hyperparameters are fitted to at most. */
const FIT_ROWS = 200;

/**
 * Selects rows for the surrogate: all up to MODEL_ROWS, then the best two thirds and an even spread of the rest.
 *
 * @param ranks of the rows; smaller is better. By default their values
 */
export function selectModelRows<Row extends Valued>(rows: readonly Row[], ranks?: readonly number[]): readonly Row[] {
  return thinRows(rows, MODEL_ROWS, ranks);
}

/** Selects rows for the fit, by the same rule. */
export function selectFitRows<Row extends Valued>(rows: readonly Row[], ranks?: readonly number[]): readonly Row[] {
  return thinRows(rows, FIT_ROWS, ranks);
}

function thinRows<Row extends Valued>(rows: readonly Row[], most: number, ranks?: readonly number[]): readonly Row[] {
  if (rows.length <= most) return rows;
  const ranked = rows
    .map((row, index) => ({ row, index, rank: ranks ? ranks[index]! : row.value }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index);
  const good = Math.floor((2 * most) / 3);
  const rest = ranked.slice(good).sort((a, b) => a.index - b.index);
  const step = rest.length / (most - good);
  const kept = ranked.slice(0, good);
  for (let k = 0; k < most - good; k++) kept.push(rest[Math.floor(k * step)]!);
  return kept.sort((a, b) => a.index - b.index).map(({ row }) => row);
}
