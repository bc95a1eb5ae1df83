import type { Valued } from './history.ts';

/** Rows the surrogate is conditioned on at most: a suggestion's cost stays bounded by it. */
export const MODEL_ROWS = 400;
/** Rows the hyperparameters are fitted to at most. */
export const FIT_ROWS = 200;

/**
 * Rows for the surrogate: all of them up to MODEL_ROWS, then the best two thirds and an even spread of the rest over
 * time.
 */
export function modelRows(rows: readonly Valued[]): readonly Valued[] {
  return thin(rows, MODEL_ROWS);
}

/** Rows for the fit, by the same rule. */
export function fittingRows(rows: readonly Valued[]): readonly Valued[] {
  return thin(rows, FIT_ROWS);
}

function thin(rows: readonly Valued[], most: number): readonly Valued[] {
  if (rows.length <= most) return rows;
  const ranked = rows
    .map((row, index) => ({ row, index }))
    .sort((a, b) => a.row.value - b.row.value || a.index - b.index);
  const good = Math.floor((2 * most) / 3);
  const rest = ranked.slice(good).sort((a, b) => a.index - b.index);
  const step = rest.length / (most - good);
  const kept = ranked.slice(0, good);
  for (let k = 0; k < most - good; k++) kept.push(rest[Math.floor(k * step)]!);
  return kept.sort((a, b) => a.index - b.index).map(({ row }) => row);
}
