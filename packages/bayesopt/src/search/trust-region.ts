import type { Valued } from './history.ts';

/** Number of dimensions from which the acquisition is searched within a trust region. */
export const TRUST_REGION_FROM = 15;

const LONGEST = 1.6;
const FIRST = 0.8;
const SHORTEST = 2 ** -7;
const SUCCESSES = 3;

/** A box within the unit cube, shape [d] each. */
export interface Box {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * Computes the side length by the rule of TuRBO-1 (Eriksson et al. 2019, "Scalable global optimization via local
 * Bayesian optimization", appendix). The side is doubled after three successes in a row, halved after max(4, d)
 * failures in a row, and restarted below 2⁻⁷. A success improves the best value by more than a thousandth of the
 * difference between the best value and the median. The side is computed from all trials each time, so there is no
 * state.
 *
 * @param observed in order of number; smaller is better
 * @param initial number of trials at the start that do not count because their points come from the design
 */
export function computeSideLength(observed: readonly Valued[], initial: number, dimensions: number): number {
  const patience = Math.max(4, dimensions);
  const values = observed.map((row) => row.value);
  const sorted = [...values].sort((a, b) => a - b);
  const scale = sorted.length > 0 ? sorted[Math.floor(sorted.length / 2)]! - sorted[0]! : 0;
  let best = values.slice(0, initial).reduce((least, value) => Math.min(least, value), Infinity);
  let side = FIRST;
  let successes = 0;
  let failures = 0;
  for (const value of values.slice(initial)) {
    const success = value < best - 1e-3 * scale;
    successes = success ? successes + 1 : 0;
    failures = success ? 0 : failures + 1;
    best = Math.min(best, value);
    if (successes === SUCCESSES) [side, successes] = [Math.min(2 * side, LONGEST), 0];
    if (failures === patience) [side, failures] = [side / 2, 0];
    if (side < SHORTEST) side = FIRST;
  }
  return side;
}

/**
 * Creates the box around the best point. Its sides are proportional to the lengthscales; dividing by the geometric mean
 * keeps the volume.
 */
export function createTrustRegion(center: Float64Array, side: number, lengthscales: Float64Array): Box {
  const logMean = lengthscales.reduce((sum, lengthscale) => sum + Math.log(lengthscale), 0) / lengthscales.length;
  const half = lengthscales.map(
    (lengthscale) => (side / 2) * Math.min(10, Math.max(0.1, lengthscale / Math.exp(logMean))),
  );
  return {
    lower: center.map((x, a) => Math.max(0, x - half[a]!)),
    upper: center.map((x, a) => Math.min(1, x + half[a]!)),
  };
}
