import type { Kernel } from '../kernels/kernel.ts';
import { inverseOf } from '../linalg/cholesky.ts';
import { lengthscalePrior, noisePrior, signalPrior } from './priors.ts';
import {
  factorise,
  scaledSquaredDistance,
  solveTargets,
  weightsOf,
  type Inputs,
  type KernelParameters,
} from './surrogate.ts';

/** θ = (ln ℓ_1 … ln ℓ_d, ln s², ln σₙ²), shape [d + 2]. */
export function parametersOf(theta: ArrayLike<number>): KernelParameters {
  const d = theta.length - 2;
  return {
    lengthscales: Float64Array.from({ length: d }, (_, c) => Math.exp(theta[c]!)),
    signalVariance: Math.exp(theta[d]!),
    noiseVariance: Math.exp(theta[d + 1]!),
  };
}

/** Data of a fit. */
export interface FitData {
  readonly kernel: Kernel;
  readonly inputs: Inputs;
  readonly targets: Float64Array;
  readonly extraNoise?: Float64Array | undefined;
}

/**
 * Log marginal likelihood −½yᵀα − Σ ln L_ii − (n/2) ln 2π (Rasmussen & Williams 2006, eq. 5.8) and, where `gradient` of
 * shape [d + 2] is given, its derivative ½tr[(ααᵀ − K⁻¹)·∂K/∂θ] (eq. 5.9).
 *
 * @returns −Infinity where the covariance cannot be factored
 */
export function logMarginalLikelihood(data: FitData, theta: ArrayLike<number>, gradient?: Float64Array): number {
  const { kernel, inputs, targets, extraNoise } = data;
  const parameters = parametersOf(theta);
  const factorisation = factorise(inputs, kernel, parameters, extraNoise);
  if (!factorisation) return -Infinity;
  const { n } = inputs;
  const alpha = solveTargets(factorisation, targets);
  let value = (-n / 2) * Math.log(2 * Math.PI);
  for (let i = 0; i < n; i++) {
    value -= 0.5 * targets[i]! * alpha[i]! + Math.log(factorisation.factor[i * factorisation.stride + i]!);
  }
  if (gradient)
    writeGradient(data, parameters, alpha, inverseOf(factorisation.factor, factorisation.stride, n), gradient);
  return value;
}

function writeGradient(
  { kernel, inputs }: FitData,
  parameters: KernelParameters,
  alpha: Float64Array,
  inverse: Float64Array,
  gradient: Float64Array,
): void {
  const { n, d, x, categorical } = inputs;
  const { signalVariance, noiseVariance } = parameters;
  const weights = weightsOf(parameters.lengthscales);
  const byAxis = new Float64Array(d);
  let bySignal = 0;
  let trace = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      // Each pair counts twice in the trace, which cancels the ½.
      const w = alpha[i]! * alpha[j]! - inverse[i * n + j]!;
      const squared = scaledSquaredDistance(x, i, x, j, weights, categorical);
      bySignal += w * kernel.value(squared);
      const slope = -2 * w * kernel.slope(squared);
      for (let c = 0; c < d; c++) {
        const delta = x[i * d + c]! - x[j * d + c]!;
        byAxis[c]! += slope * (categorical[c] ? (delta === 0 ? 0 : 1) : delta * delta);
      }
    }
    trace += alpha[i]! * alpha[i]! - inverse[i * n + i]!;
  }
  for (let c = 0; c < d; c++) gradient[c] = signalVariance * byAxis[c]! * weights[c]!;
  gradient[d] = signalVariance * (bySignal + trace / 2);
  gradient[d + 1] = (noiseVariance * trace) / 2;
}

/** Log posterior density of θ up to a constant: the log marginal likelihood plus the log priors; `gradient` as above. */
export function logPosterior(data: FitData, theta: ArrayLike<number>, gradient?: Float64Array): number {
  const { d } = data.inputs;
  let value = logMarginalLikelihood(data, theta, gradient);
  const lengthscale = lengthscalePrior(d);
  for (let c = 0; c < d + 2; c++) {
    const prior = c < d ? lengthscale : c === d ? signalPrior : noisePrior;
    value += prior.logDensity(theta[c]!);
    if (gradient) gradient[c]! += prior.slope(theta[c]!);
  }
  return value;
}
