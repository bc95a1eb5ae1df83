/** Outcomes as the surrogate sees them: warped, standardized and reversed so that larger is better. */
export interface Outcomes {
  /** Shape [n]: mean 0 and standard deviation 1 over the observed values, or all 0 when they are equal. */
  readonly targets: Float64Array;
  /** Σ ln |d target/d value|. Adding it makes likelihoods under different warps comparable. */
  readonly logJacobian: number;
  /** Maps any value, for example a bound. Below the best observed value it continues with the slope there. */
  forward(value: number): number;
  /** The inverse of `forward`; ±Infinity beyond the representable range. */
  inverse(target: number): number;
}

/** Strengths to choose from. A larger one compresses bad outcomes more. */
export const WARP_STRENGTHS = [0, 1, 10, 100, 1000] as const;

/**
 * Standardizes values to minimize after the warp ln(1 + t·u)/t with u = (value − min)/s. The warp is linear near the
 * best value and logarithmic for bad ones. Without it, heavy tails (a loss that diverges, steep walls of a valley)
 * would hide the differences between good values. t = 0 is no warp.
 *
 * @param values finite, shape [n], n ≥ 1, in order of their trials, smaller is better
 * @param strength t ≥ 0
 */
export function warpOutcomes(values: Float64Array, strength: number): Outcomes {
  const { low, spread } = measureScale(values);
  const warp = (value: number): number => {
    const u = Math.min(value / spread - low / spread, 1e100);
    return strength === 0 || u <= 0 ? u : Math.log1p(strength * u) / strength;
  };
  const warped = values.map(warp);
  const { mean, deviation } = computeMoments(warped);
  let logJacobian = 0;
  for (const value of values)
    logJacobian -= Math.log1p(strength * Math.max(0, Math.min(value / spread - low / spread, 1e100)));
  logJacobian -= values.length * (Math.log(deviation) + Math.log(spread));
  return {
    targets: warped.map((value) => (mean - value) / deviation),
    logJacobian,
    forward: (value) => (mean - warp(value)) / deviation,
    inverse(target) {
      const w = mean - target * deviation;
      return low + spread * (strength === 0 || w <= 0 ? w : Math.expm1(strength * w) / strength);
    },
  };
}

/** Number of values that determine the unit of the warp. */
const EARLIEST = 20;

/**
 * Returns the best value and the unit of distances from it: the median distance among the earliest values, or the
 * largest distance of all if the median is 0. Later values do not count because they crowd around the optimum, which
 * would shrink the unit.
 */
function measureScale(values: Float64Array): { low: number; spread: number } {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const early = values.slice(0, EARLIEST).sort();
  const widest = Math.min(high - low, Number.MAX_VALUE);
  const spread = Math.min(early[Math.floor(early.length / 2)]! - low, Number.MAX_VALUE);
  if (spread > 1e-12 * widest) return { low, spread };
  return { low, spread: widest > 0 ? widest : 1 };
}

function computeMoments(values: Float64Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0);
  const deviation = Math.sqrt(variance);
  return { mean, deviation: deviation > 0 && Number.isFinite(deviation) ? deviation : 1 };
}
