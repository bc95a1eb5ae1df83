/** Outcomes as the surrogate sees them: warped, standardised and turned so that larger is better. */
export interface Outcomes {
  /** Shape [n]: mean 0 and standard deviation 1 over the observed values, or all 0 when they are equal. */
  readonly targets: Float64Array;
  /** Σ ln |d target/d value|: makes likelihoods under different warps comparable. */
  readonly logJacobian: number;
  /** Maps any value, such as a bound; below the best observed value it continues with that value's slope. */
  forward(value: number): number;
  /** Inverse of `forward`; ±Infinity past the representable range. */
  inverse(target: number): number;
}

/** Strengths to choose from; each larger one compresses bad outcomes more. */
export const WARP_STRENGTHS = [0, 1, 10, 100, 1000] as const;

/**
 * Standardises values to minimise after the warp ln(1 + t·u)/t, u = (value − min)/s: linear near the best value,
 * logarithmic for bad ones, so that heavy tails (a loss that diverges, the walls of a valley) do not drown the
 * differences that matter. t = 0 is no warp.
 *
 * @param values finite, shape [n], n ≥ 1, in order of their trials, smaller is better
 * @param strength t ≥ 0
 */
export function warpOutcomes(values: Float64Array, strength: number): Outcomes {
  const { low, spread } = scaleOf(values);
  const warp = (value: number): number => {
    const u = Math.min(value / spread - low / spread, 1e100);
    return strength === 0 || u <= 0 ? u : Math.log1p(strength * u) / strength;
  };
  const warped = values.map(warp);
  const { mean, deviation } = moments(warped);
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

/** Values that give the warp its unit. */
const EARLIEST = 20;

/**
 * Best value, and the unit: the median distance from it among the earliest values, or the widest distance of all where
 * that vanishes. Later values crowd around the optimum: by them the unit would shrink until the warp sees nothing
 * else.
 */
function scaleOf(values: Float64Array): { low: number; spread: number } {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const early = values.slice(0, EARLIEST).sort();
  const widest = Math.min(high - low, Number.MAX_VALUE);
  const spread = Math.min(early[Math.floor(early.length / 2)]! - low, Number.MAX_VALUE);
  return { low, spread: spread > 1e-12 * widest ? spread : widest > 0 ? widest : 1 };
}

function moments(values: Float64Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0);
  const deviation = Math.sqrt(variance);
  return { mean, deviation: deviation > 0 && Number.isFinite(deviation) ? deviation : 1 };
}
