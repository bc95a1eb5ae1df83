import { createFeasibility } from '../acquisition/feasibility.ts';
import type { Acquisition } from '../acquisition/scenario-improvement.ts';
import { conditionClassifier, fitClassifier, type LabelData } from '../gp/classifier.ts';
import { matern52 } from '../gp/kernel.ts';
import type { Space } from '../space/space.ts';
import type { Trials } from './history.ts';
import { toInputs } from './outcome-model.ts';

/** Number of rows of each label that the classifier is fitted to at most. It bounds the cost of a suggestion. */
const FIT_ROWS = 60;
/** Number of rows of each label that it is conditioned on at most. */
const MODEL_ROWS = 200;

/**
 * Builds weight·ln P(a trial returns a value) from all trials that failed or diverged and all others; undefined if no
 * trial failed or diverged.
 */
export function buildFeasibility(space: Space, trials: Trials, weight: number): Acquisition | undefined {
  const { observed, censored, failed } = trials;
  const bad = [...failed, ...observed.filter((row) => row.diverged).map((row) => row.x)];
  if (bad.length === 0) return undefined;
  const good = [...observed.filter((row) => !row.diverged), ...censored].map((row) => row.x);
  const prior = fitClassifier(labelPoints(space, spreadRows(bad, FIT_ROWS), spreadRows(good, FIT_ROWS)));
  const labels = labelPoints(space, spreadRows(bad, MODEL_ROWS), spreadRows(good, MODEL_ROWS));
  const surrogate = conditionClassifier(labels, prior);
  return surrogate && createFeasibility(surrogate, prior.mean, { weight });
}

function labelPoints(space: Space, bad: readonly Float64Array[], good: readonly Float64Array[]): LabelData {
  const points = [...bad, ...good];
  const labels = Int8Array.from(points, (_, i) => (i < bad.length ? -1 : 1));
  return { kernel: matern52, inputs: toInputs(space, points), labels };
}

/** Selects `most` rows evenly, the last one included, so that the first trials still inform about the whole space. */
function spreadRows(rows: readonly Float64Array[], most: number): readonly Float64Array[] {
  if (rows.length <= most) return rows;
  return Array.from({ length: most }, (_, k) => rows[Math.floor(((k + 1) * rows.length) / most) - 1]!);
}
