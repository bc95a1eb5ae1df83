import { createFeasibility } from '../acquisition/feasibility.ts';
import type { Acquisition } from '../acquisition/scenario-improvement.ts';
import { sumAcquisitions } from '../acquisition/sum-acquisitions.ts';
import type { Space } from '../space/space.ts';
import type { Trials, Valued } from './history.ts';
import { buildPlainModel, type Measured } from './plain-model.ts';
import { selectFitRows, selectModelRows } from './select-rows.ts';

/**
 * Builds ln P(a point fulfills every measured constraint): the sum of ln Φ((limit − μ)/σ) over a Gaussian process of
 * each constraint (Gardner et al. 2014, "Bayesian optimization with inequality constraints", eq. 6; Gelbart, Snoek &
 * Adams 2014). Undefined if nothing was measured.
 *
 * What a trial exceeds is transformed by sign(c)·ln(1 + |c|/s), which is 0 at the limit, because there a model must be
 * exact (Eriksson & Poloczek 2021, "Scalable constrained Bayesian optimization", section 3).
 */
export function buildConstraintModel(space: Space, trials: Trials, seed: number): Acquisition | undefined {
  const measured = [...trials.observed, ...trials.censored].filter(({ excess }) => excess !== undefined);
  const count = measured[0]?.excess!.length ?? 0;
  const rows = measured.filter(({ excess }) => excess!.length === count);
  const parts = Array.from({ length: count }, (_, c) => buildOne(space, trials, { rows, c, seed: seed + c }));
  return parts.length > 0 ? sumAcquisitions(parts) : undefined;
}

function buildOne(
  space: Space,
  { pending }: Trials,
  { rows, c, seed }: { rows: readonly Valued[]; c: number; seed: number },
): Acquisition {
  const distances = rows.map(({ excess }) => Math.abs(excess![c]!));
  const scale = distances.toSorted((a, b) => a - b)[distances.length >> 1]! || 1;
  const measure = (kept: readonly Valued[]): Measured => ({
    points: kept.map(({ x }) => x),
    values: Float64Array.from(kept, ({ excess }) => transform(excess![c]! / scale)),
  });
  const known = measure(selectModelRows(rows, distances));
  const fitted = measure(selectFitRows(rows, distances));
  const { surrogate, mean, deviation } = buildPlainModel(space, { known, fitted }, pending, seed);
  const noise = surrogate.parameters.noiseVariance + surrogate.jitter;
  // Feasible values are small ones, and the probability is that of large values.
  const alpha = surrogate.alpha.map((value) => -value);
  return createFeasibility({ ...surrogate, alpha }, -mean / deviation, { weight: 1, blur: noise });
}

function transform(value: number): number {
  return Math.sign(value) * Math.log1p(Math.min(Math.abs(value), 1e300));
}
