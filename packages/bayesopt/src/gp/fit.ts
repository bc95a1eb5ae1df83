import { minimize } from '../optimize/lbfgs.ts';
import { createRandom } from '../random/random.ts';
import { logPosterior, type FitData } from './likelihood.ts';
import { lengthscalePrior, noisePrior, signalPrior } from './priors.ts';

/**
 * Least noise variance of a standardised outcome. Its square root bounds from below the improvement that a point beside
 * the incumbent seems to promise: a larger floor would keep an exact search measuring there again and again. Crowded
 * points get jitter where they need it.
 */
export const NOISE_FLOOR = 1e-10;

/**
 * Below it the surrogate would forget a trial within three hundredths of the range, and every search is over before
 * that can be told from noise.
 */
const MIN_LENGTHSCALE = 0.03;

const RESTARTS = 4;

export interface Fit {
  /** θ as in `logMarginalLikelihood`, shape [d + 2]. */
  readonly theta: Float64Array;
  /** Log posterior at θ; −Infinity when no start could be evaluated, and θ is then the priors' mode. */
  readonly logPosterior: number;
}

/** Hyperparameters at the priors' modes; shape [d + 2]. */
export function priorMode(dimensions: number): Float64Array {
  const theta = new Float64Array(dimensions + 2).fill(lengthscalePrior(dimensions).mode);
  theta[dimensions] = signalPrior.mode;
  theta[dimensions + 1] = Math.max(Math.log(NOISE_FLOOR), noisePrior.mode);
  return theta;
}

/**
 * Maximum a posteriori hyperparameters by projected L-BFGS, from each of `starts`. Where none can be evaluated,
 * restarts are drawn from the priors. Never throws; deterministic in its arguments.
 */
export function fit(data: FitData, starts: readonly Float64Array[], seed: number, maxIterations = 60): Fit {
  const { d } = data.inputs;
  const { lower, upper } = thetaBounds(d);
  const climb = (start: Float64Array): Fit => {
    const objective = (theta: Float64Array, gradient: Float64Array): number => {
      const value = -logPosterior(data, theta, gradient);
      for (let c = 0; c < gradient.length; c++) gradient[c] = -gradient[c]!;
      return value;
    };
    const { x, value } = minimize(objective, start, {
      lower,
      upper,
      maxIterations,
      gradientTolerance: 1e-3,
      valueTolerance: 1e-4,
    });
    return { theta: x, logPosterior: Number.isFinite(value) ? -value : -Infinity };
  };
  let best: Fit = { theta: priorMode(d), logPosterior: -Infinity };
  for (const start of starts) best = better(best, climb(start));
  const random = createRandom(seed, 0xf17);
  for (let tries = 0; tries < RESTARTS && best.logPosterior === -Infinity; tries++)
    best = better(best, climb(drawTheta(d, random.normal)));
  return best;
}

function better(a: Fit, b: Fit): Fit {
  return b.logPosterior > a.logPosterior ? b : a;
}

function drawTheta(d: number, normal: () => number): Float64Array {
  const lengthscale = lengthscalePrior(d);
  return priorMode(d).map(
    (log, c) => log + normal() * (c < d ? lengthscale : c === d ? signalPrior : noisePrior).spread,
  );
}

function thetaBounds(d: number): { lower: Float64Array; upper: Float64Array } {
  const lower = new Float64Array(d + 2).fill(Math.log(MIN_LENGTHSCALE));
  const upper = new Float64Array(d + 2).fill(Math.log(1000));
  lower[d] = Math.log(1e-3);
  upper[d] = Math.log(1e3);
  lower[d + 1] = Math.log(NOISE_FLOOR);
  upper[d + 1] = Math.log(10);
  return { lower, upper };
}
