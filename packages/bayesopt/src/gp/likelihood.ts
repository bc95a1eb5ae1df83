import { invertFromFactor } from '../math/cholesky.ts';
import type { Kernel } from './kernel.ts';
import { listPriors } from './priors.ts';
import {
  evaluatePairs,
  factorCovariance,
  solveTargets,
  squareDifference,
  toInverseSquares,
  type Inputs,
  type KernelPairs,
  type KernelParameters,
  type PriorData,
} from './surrogate.ts';

/** Returns the parameters of θ = (ln ℓ_1 … ln ℓ_d, ln s², ln σₙ²), shape [d + 2]. */
export function toKernelParameters(theta: ArrayLike<number>): KernelParameters {
  const d = theta.length - 2;
  return {
    lengthscales: Float64Array.from({ length: d }, (_, c) => Math.exp(theta[c]!)),
    signalVariance: Math.exp(theta[d]!),
    noiseVariance: Math.exp(theta[d + 1]!),
  };
}

/** Data that hyperparameters are fitted to. */
export interface FitData {
  readonly kernel: Kernel;
  readonly inputs: Inputs;
  readonly targets: Float64Array;
  readonly extraNoise?: Float64Array | undefined;
}

/**
 * Returns the log marginal likelihood −½yᵀα − Σ ln L_ii − (n/2) ln 2π (Rasmussen & Williams 2006, eq. 5.8). If
 * `gradient` of shape [d + 2] is given, writes the derivative ½tr[(ααᵀ − K⁻¹)·∂K/∂θ] (eq. 5.9) to it.
 *
 * @returns −Infinity if the covariance cannot be factored
 */
export function logMarginalLikelihood(data: FitData, theta: ArrayLike<number>, gradient?: Float64Array): number {
  const { kernel, inputs, targets, extraNoise } = data;
  const parameters = toKernelParameters(theta);
  const pairs = gradient && evaluatePairs({ kernel, parameters, inputs });
  const covarianceFactor = factorCovariance({ kernel, parameters, inputs, extraNoise, pairs });
  if (!covarianceFactor) return -Infinity;
  const { n } = inputs;
  const alpha = solveTargets(covarianceFactor, targets);
  const { data: factor, stride } = covarianceFactor.factor;
  let value = (-n / 2) * Math.log(2 * Math.PI);
  for (let i = 0; i < n; i++) {
    value -= 0.5 * targets[i]! * alpha[i]! + Math.log(factor[i * stride + i]!);
  }
  if (pairs) {
    const inverse = invertFromFactor(covarianceFactor.factor, n);
    writeGradient({ parameters, inputs, pairs }, alpha, inverse, gradient);
  }
  return value;
}

function writeGradient(
  { parameters, inputs, pairs }: Pick<PriorData, 'parameters' | 'inputs'> & { pairs: KernelPairs },
  alpha: Float64Array,
  inverse: Float64Array,
  gradient: Float64Array,
): void {
  const { n, d, x, categorical } = inputs;
  const { signalVariance, noiseVariance } = parameters;
  const inverseSquares = toInverseSquares(parameters.lengthscales);
  const byAxis = new Float64Array(d);
  const slopes = new Float64Array(n);
  let bySignal = 0;
  let trace = 0;
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = 0; j < i; j++, pair++) {
      // Each pair counts twice in the trace, which cancels the ½.
      const w = alpha[i]! * alpha[j]! - inverse[i * n + j]!;
      bySignal += w * pairs.values[pair]!;
      slopes[j] = -2 * w * pairs.slopes[pair]!;
    }
    // One axis after the other, so that its sum stays in a register.
    for (let c = 0; c < d; c++) byAxis[c] = addSquares(byAxis[c]!, slopes, { x, d, i, c }, categorical[c]!);
    trace += alpha[i]! * alpha[i]! - inverse[i * n + i]!;
  }
  for (let c = 0; c < d; c++) gradient[c] = signalVariance * byAxis[c]! * inverseSquares[c]!;
  gradient[d] = signalVariance * (bySignal + trace / 2);
  gradient[d + 1] = (noiseVariance * trace) / 2;
}

/** Adds to `sum` the products of slopes and Δ² between row i and each row before it, on axis c. */
function addSquares(
  sum: number,
  slopes: Float64Array,
  { x, d, i, c }: { x: Float64Array; d: number; i: number; c: number },
  categorical: number,
): number {
  const coordinate = x[i * d + c]!;
  for (let j = 0, at = c; j < i; j++, at += d) sum += slopes[j]! * squareDifference(coordinate - x[at]!, categorical);
  return sum;
}

/** Returns the log posterior of θ up to a constant: log marginal likelihood plus log priors. `gradient` as above. */
export function logPosterior(data: FitData, theta: ArrayLike<number>, gradient?: Float64Array): number {
  const { d } = data.inputs;
  let value = logMarginalLikelihood(data, theta, gradient);
  const priors = listPriors(d);
  for (let c = 0; c < d + 2; c++) {
    const prior = priors[c]!;
    value += prior.logDensity(theta[c]!);
    if (gradient) gradient[c]! += prior.slope(theta[c]!);
  }
  return value;
}
