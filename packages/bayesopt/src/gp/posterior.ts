import { backwardSolve, forwardSolve } from '../linalg/cholesky.ts';
import { scaledSquaredDistance, weightsOf, type Surrogate } from './surrogate.ts';

/** Posterior of the latent function (without observation noise), in standardised outcome units. */
export interface Posterior {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Least variance reported: below it rounding decides. */
const VARIANCE_FLOOR = 1e-14;

/** Prior covariances between `count` points and the training rows, shape [count, n] with row stride n. */
export function crossCovariance(surrogate: Surrogate, points: Float64Array, count: number): Float64Array {
  const { kernel, parameters, inputs } = surrogate;
  const weights = weightsOf(parameters.lengthscales);
  const out = new Float64Array(count * inputs.n);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < inputs.n; j++) {
      const squared = scaledSquaredDistance(points, i, inputs.x, j, weights, inputs.categorical);
      out[i * inputs.n + j] = parameters.signalVariance * kernel.value(squared);
    }
  }
  return out;
}

/**
 * Mean kᵀα and variance k** − |L⁻¹k|² (Rasmussen & Williams 2006, eqs. 2.25 and 2.26).
 *
 * @param points row-major, shape [count, d]
 */
export function posterior(surrogate: Surrogate, points: Float64Array): Posterior {
  const { n, d } = surrogate.inputs;
  const count = points.length / d;
  const k = crossCovariance(surrogate, points, count);
  const mean = new Float64Array(count);
  for (let i = 0; i < count; i++) mean[i] = dotRow(k, i * n, surrogate.alpha);
  return { mean, variance: variances(surrogate, k, count) };
}

/** Posterior variances from cross covariances of shape [count, n], which are overwritten with L⁻¹k. */
export function variances(
  { parameters, factor, stride, inputs: { n } }: Surrogate,
  k: Float64Array,
  count: number,
): Float64Array {
  forwardSolve(factor, stride, n, k, n, count);
  const variance = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let explained = 0;
    for (let j = i * n; j < (i + 1) * n; j++) explained += k[j]! * k[j]!;
    variance[i] = Math.max(VARIANCE_FLOOR, parameters.signalVariance - explained);
  }
  return variance;
}

/** What one point's covariances give: the variance, K⁻¹k, and the slopes that gradients need. */
export interface PointPosterior {
  readonly variance: number;
  /** k, shape [n]. */
  readonly covariance: Float64Array;
  /** K⁻¹·k, shape [n]. */
  readonly weights: Float64Array;
  /** Gradient of Σ_i c_i·k_i with respect to the point, written to `out` of shape [d]; axes without order get 0. */
  gradientOf(coefficients: Float64Array, out: Float64Array): void;
}

/** @param x shape [d] */
export function pointPosterior(surrogate: Surrogate, x: Float64Array): PointPosterior {
  const { kernel, parameters, inputs, factor, stride } = surrogate;
  const { n, d } = inputs;
  const inverseSquares = weightsOf(parameters.lengthscales);
  const covariance = new Float64Array(n);
  const slopes = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    const squared = scaledSquaredDistance(x, 0, inputs.x, j, inverseSquares, inputs.categorical);
    covariance[j] = parameters.signalVariance * kernel.value(squared);
    slopes[j] = 2 * parameters.signalVariance * kernel.slope(squared);
  }
  const weights = Float64Array.from(covariance);
  forwardSolve(factor, stride, n, weights, n, 1);
  let explained = 0;
  for (let j = 0; j < n; j++) explained += weights[j]! * weights[j]!;
  backwardSolve(factor, stride, n, weights);
  return {
    variance: Math.max(VARIANCE_FLOOR, parameters.signalVariance - explained),
    covariance,
    weights,
    gradientOf(coefficients, out) {
      out.fill(0);
      for (let j = 0; j < n; j++) {
        const c = coefficients[j]! * slopes[j]!;
        for (let a = 0; a < d; a++) {
          if (!inputs.categorical[a]) out[a]! += c * (x[a]! - inputs.x[j * d + a]!) * inverseSquares[a]!;
        }
      }
    },
  };
}

/** Mean and variance at x with their gradients, each of shape [d]: ∇μ = (∇k)ᵀα, ∇σ² = −2(∇k)ᵀK⁻¹k. */
export function posteriorGradient(
  surrogate: Surrogate,
  x: Float64Array,
): { mean: number; variance: number; meanGradient: Float64Array; varianceGradient: Float64Array } {
  const at = pointPosterior(surrogate, x);
  const meanGradient = new Float64Array(x.length);
  const varianceGradient = new Float64Array(x.length);
  at.gradientOf(surrogate.alpha, meanGradient);
  at.gradientOf(at.weights, varianceGradient);
  return {
    mean: dotRow(at.covariance, 0, surrogate.alpha),
    variance: at.variance,
    meanGradient,
    varianceGradient: varianceGradient.map((g) => -2 * g),
  };
}

/** Σ_j m[row + j]·v[j]. */
export function dotRow(m: Float64Array, row: number, v: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < v.length; j++) sum += m[row + j]! * v[j]!;
  return sum;
}
