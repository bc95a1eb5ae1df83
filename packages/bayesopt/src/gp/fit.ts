import { minimizeInBox } from '../math/lbfgs.ts';
import { createRandom } from '../random/random.ts';
import { logPosterior, type FitData } from './likelihood.ts';
import { listPriors } from './priors.ts';

/**
 * Least noise variance of a standardized outcome. Its square root is the smallest improvement that the model can expect
 * next to the incumbent. With a larger floor, a search without noise would evaluate points there again and again. If
 * crowded points need more, they get jitter.
 */
export const NOISE_FLOOR = 1e-10;

/**
 * Least lengthscale. With a smaller one, a trial would inform less than three hundredths of the range, and no search
 * has enough trials to distinguish that from noise.
 */
const MIN_LENGTHSCALE = 0.03;

const RESTARTS = 4;

export interface Fit {
  /** θ as in `logMarginalLikelihood`, shape [d + 2]. */
  readonly theta: Float64Array;
  /** Log posterior at θ; −Infinity if no start could be evaluated, and then θ is the mode of the priors. */
  readonly logPosterior: number;
}

/** Returns the hyperparameters at the modes of the priors; shape [d + 2]. */
export function createPriorMode(dimensions: number): Float64Array {
  const theta = Float64Array.from(listPriors(dimensions), (prior) => prior.mode);
  theta[dimensions + 1] = Math.max(Math.log(NOISE_FLOOR), theta[dimensions + 1]!);
  return theta;
}

/**
 * Finds the maximum a posteriori hyperparameters by projected L-BFGS from each of `starts`. If none of them can be
 * evaluated, draws restarts from the priors. Never throws; deterministic in its arguments.
 */
export function fitHyperparameters(
  data: FitData,
  starts: readonly Float64Array[],
  seed: number,
  maxIterations = 60,
): Fit {
  const { d } = data.inputs;
  const { lower, upper } = createThetaBounds(d);
  const climb = (start: Float64Array): Fit => {
    const objective = (theta: Float64Array, gradient: Float64Array): number => {
      const value = -logPosterior(data, theta, gradient);
      for (let c = 0; c < gradient.length; c++) gradient[c] = -gradient[c]!;
      return value;
    };
    const { x, value } = minimizeInBox(objective, start, {
      lower,
      upper,
      maxIterations,
      gradientTolerance: 1e-3,
      valueTolerance: 1e-4,
    });
    return { theta: x, logPosterior: Number.isFinite(value) ? -value : -Infinity };
  };
  let best: Fit = { theta: createPriorMode(d), logPosterior: -Infinity };
  for (const start of starts) best = chooseBetter(best, climb(start));
  const random = createRandom(seed, 0xf17);
  for (let tries = 0; tries < RESTARTS && best.logPosterior === -Infinity; tries++)
    best = chooseBetter(best, climb(drawTheta(d, random.normal)));
  return best;
}

function chooseBetter(a: Fit, b: Fit): Fit {
  return b.logPosterior > a.logPosterior ? b : a;
}

function drawTheta(d: number, normal: () => number): Float64Array {
  const priors = listPriors(d);
  return createPriorMode(d).map((log, c) => log + normal() * priors[c]!.spread);
}

function createThetaBounds(d: number): { lower: Float64Array; upper: Float64Array } {
  const lower = new Float64Array(d + 2).fill(Math.log(MIN_LENGTHSCALE));
  const upper = new Float64Array(d + 2).fill(Math.log(1000));
  lower[d] = Math.log(1e-3);
  upper[d] = Math.log(1e3);
  lower[d + 1] = Math.log(NOISE_FLOOR);
  upper[d + 1] = Math.log(10);
  return { lower, upper };
}
