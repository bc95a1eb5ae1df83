import { forwardSolveHeld, solveHeld } from '../math/held-factor.ts';
import { dotRow, multiplyRows, squareRows } from '../math/row-sums.ts';
import { evaluateAll } from './covariances.ts';
import { toInverseSquares, toMetric, type Inputs, type Surrogate } from './surrogate.ts';

/** Posterior of the latent function (without observation noise), in standardized outcome units. */
export interface Posterior {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Least variance that is reported; smaller values are rounding errors. */
const VARIANCE_FLOOR = 1e-14;

/** Returns the prior covariances between `count` points and the training rows, shape [count, n] with row stride n. */
export function computeCrossCovariance(surrogate: Surrogate, points: Float64Array, count: number): Float64Array {
  const scale = surrogate.parameters.signalVariance;
  return evaluateAll(toMetric(surrogate), { points, count }, surrogate.inputs, { scale }).values.slice();
}

/**
 * Returns the mean kᵀα and the variance k** − |L⁻¹k|² (Rasmussen & Williams 2006, eqs. 2.25 and 2.26).
 *
 * @param points row-major, shape [count, d]
 */
export function computePosterior(surrogate: Surrogate, points: Float64Array): Posterior {
  const { n, d } = surrogate.inputs;
  const count = points.length / d;
  const k = computeCrossCovariance(surrogate, points, count);
  const mean = multiplyRows({ data: k, stride: n }, count, surrogate.alpha);
  return { mean, variance: computeVariances(surrogate, k, count) };
}

/** Returns the posterior variances from cross covariances of shape [count, n]. Overwrites `k` with L⁻¹k. */
export function computeVariances(surrogate: Surrogate, k: Float64Array, count: number): Float64Array {
  const {
    parameters,
    factor,
    inputs: { n },
  } = surrogate;
  forwardSolveHeld({ owner: surrogate, factor, n }, { data: k, stride: n }, count);
  const explained = squareRows({ data: k, stride: n }, count, n);
  return explained.map((part) => Math.max(VARIANCE_FLOOR, parameters.signalVariance - part));
}

/** The posterior at one point, with what its gradients need. */
export interface PointPosterior {
  readonly variance: number;
  /** k, shape [n]. */
  readonly covariance: Float64Array;
  /** K⁻¹·k, shape [n]. */
  readonly weights: Float64Array;
  /** Writes the gradient of Σ_i c_i·k_i with respect to the point to `out`, shape [d]; axes without order get 0. */
  writeGradient(coefficients: Float64Array, out: Float64Array): void;
}

/** Returns the posterior at one point x, shape [d]. */
export function computePointPosterior(surrogate: Surrogate, x: Float64Array): PointPosterior {
  const { parameters, inputs, factor } = surrogate;
  const { n, d } = inputs;
  const scale = parameters.signalVariance;
  const inverseSquares = toInverseSquares(parameters.lengthscales);
  const views = evaluateAll(toMetric(surrogate), { points: x, count: 1 }, inputs, { scale, slopeScale: 2 * scale });
  const covariance = views.values.slice();
  const slopes = views.slopes.slice();
  const weights = Float64Array.from(covariance);
  const explained = solveHeld({ owner: surrogate, factor, n }, weights);
  return {
    variance: Math.max(VARIANCE_FLOOR, parameters.signalVariance - explained),
    covariance,
    weights,
    writeGradient(coefficients, out) {
      const products = slopes.map((slope, j) => coefficients[j]! * slope);
      for (let a = 0; a < d; a++) {
        out[a] = inputs.categorical[a] ? 0 : sumAxis(products, inputs, x, a, inverseSquares[a]!);
      }
    },
  };
}

/** Returns Σ_j products_j·(x_a − x_ja)/ℓ_a² over the training rows. */
function sumAxis(
  products: Float64Array,
  { n, d, x: rows }: Inputs,
  x: Float64Array,
  a: number,
  inverseSquare: number,
): number {
  const coordinate = x[a]!;
  let sum = 0;
  for (let j = 0, at = a; j < n; j++, at += d) sum += products[j]! * (coordinate - rows[at]!) * inverseSquare;
  return sum;
}

/** Returns mean and variance at x with their gradients, each of shape [d]: ∇μ = (∇k)ᵀα, ∇σ² = −2(∇k)ᵀK⁻¹k. */
export function computePosteriorGradient(
  surrogate: Surrogate,
  x: Float64Array,
): { mean: number; variance: number; meanGradient: Float64Array; varianceGradient: Float64Array } {
  const at = computePointPosterior(surrogate, x);
  const meanGradient = new Float64Array(x.length);
  const varianceGradient = new Float64Array(x.length);
  at.writeGradient(surrogate.alpha, meanGradient);
  at.writeGradient(at.weights, varianceGradient);
  return {
    mean: dotRow(at.covariance, 0, surrogate.alpha),
    variance: at.variance,
    meanGradient,
    varianceGradient: varianceGradient.map((g) => -2 * g),
  };
}
