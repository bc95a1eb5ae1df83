import type { Direction } from './direction.ts';
import type { RungsRecord } from './pruning.ts';
import { studentT975 } from './student-t.ts';

/** Complete trials that a prediction needs. */
const PREDICTS_AFTER = 5;
/** Complete trials that a prediction uses: the best ones, because only near them must it be right. */
const USED = 8;

export interface PredictionQuery {
  /** The trial whose final value is predicted. */
  trial: string;
  /** The rungs up to the one that it reached, ascending. */
  rungs: readonly number[];
  /** Whether the values at the rungs are the area under the loss curve so far, which grows to the final value. */
  isArea: boolean;
  direction: Direction;
}

/**
 * Predicts the final value of a trial from its values at the last two rungs, each by linear regression over the best
 * complete trials. Returns the end of the prediction interval that is better for the trial, of both rungs: with normal
 * residuals its final value is better than this with a probability of at most 2.5 %. Two rungs must agree, because the
 * first losses say little about the end. Null at the first rung, and while too few trials are complete.
 *
 * An area is predicted as the area so far plus what remains, and what remains from the loss since the rung before.
 * Trials of a job see the same batches, so the noise of the batches is the same in all of them and cancels.
 *
 * Source: prediction of the final performance by regression, with a limit of its error, as in Baker et al. 2017,
 * Accelerating Neural Architecture Search using Performance Prediction; Draper & Smith 1998, eq. 3.1.3.
 */
export function predictFinal(record: RungsRecord, query: PredictionQuery): number | null {
  const { rungs, direction } = query;
  const last = rungs.length - 1;
  const bounds = [last, last - 1].map((i) => (i < 0 ? null : predictAt(record, query, i)));
  if (!bounds.every((bound) => bound !== null)) return null;
  return direction === 'minimize' ? Math.min(...bounds) : Math.max(...bounds);
}

/** Returns the better end of the prediction interval from the values at the rung with this index. */
function predictAt(record: RungsRecord, query: PredictionQuery, index: number): number | null {
  const own = readState(record, query, index, query.trial);
  if (!own) return null;
  const sign = query.direction === 'minimize' ? 1 : -1;
  const rows = [...(record.finals ?? [])]
    .sort(([, a], [, b]) => sign * (a - b))
    .flatMap(([trial, final]) => {
      const state = trial === query.trial ? undefined : readState(record, query, index, trial);
      return state ? [{ x: state.current, y: final - state.reached }] : [];
    })
    .slice(0, USED);
  if (rows.length < PREDICTS_AFTER) return null;
  const { mean, error } = regress(rows, own.current);
  return own.reached + mean - sign * studentT975(rows.length - 2) * error;
}

/** What a trial has reached at the rung, and where it stands there: what its remaining value depends on. */
function readState(
  record: RungsRecord,
  { rungs, isArea }: PredictionQuery,
  index: number,
  trial: string,
): { reached: number; current: number } | undefined {
  const [rung, before] = [rungs[index]!, rungs[index - 1]];
  const find = (at: number): number | undefined => record.rungs[at]?.find(([id]) => id === trial)?.[1];
  const value = find(rung);
  if (value === undefined) return undefined;
  if (!isArea) return { reached: 0, current: value };
  const earlier = before === undefined ? 0 : find(before);
  return earlier === undefined ? undefined : { reached: value, current: (value - earlier) / (rung - (before ?? 0)) };
}

/** Fits y = a + b·x by least squares. Returns the prediction at a point and its standard error. */
function regress(rows: readonly { x: number; y: number }[], at: number): { mean: number; error: number } {
  const n = rows.length;
  const x = rows.reduce((sum, row) => sum + row.x, 0) / n;
  const y = rows.reduce((sum, row) => sum + row.y, 0) / n;
  const spread = rows.reduce((sum, row) => sum + (row.x - x) ** 2, 0);
  const slope = spread > 0 ? rows.reduce((sum, row) => sum + (row.x - x) * (row.y - y), 0) / spread : 0;
  const residual = rows.reduce((sum, row) => sum + (row.y - y - slope * (row.x - x)) ** 2, 0) / (n - 2);
  const leverage = spread > 0 ? (at - x) ** 2 / spread : 0;
  return { mean: y + slope * (at - x), error: Math.sqrt(residual * (1 + 1 / n + leverage)) };
}
