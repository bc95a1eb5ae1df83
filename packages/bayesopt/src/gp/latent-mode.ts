import { backwardSolve, factorRows, forwardSolveVector } from '../math/cholesky.ts';
import type { Matrix } from '../math/matrix.ts';
import { logNormalCdf } from '../math/normal.ts';
import { multiplyRows } from '../math/row-sums.ts';

/** The mode of the latent posterior of a probit classifier, and what depends on it; symbols as in NOTATION.md. */
export interface LatentMode {
  /** K⁻¹·(f − m). At the mode it is ∂ ln p/∂f; shape [n]. */
  readonly alpha: Float64Array;
  /** f, shape [n]. */
  readonly latent: Float64Array;
  /** ln p(labels | f). */
  readonly logLikelihood: number;
  /** ∂ ln p/∂f, shape [n]. */
  readonly slope: Float64Array;
  /** W = −∂² ln p/∂f², shape [n]. */
  readonly weights: Float64Array;
  /** ∂³ ln p/∂f³, shape [n]. */
  readonly third: Float64Array;
  /** L of B = I + W^½·K·W^½. */
  readonly factor: Matrix;
}

const MAX_STEPS = 40;
const MAX_HALVINGS = 12;
/** Least gain of the objective −½αᵀ(f − m) + ln p with which the iteration goes on. */
const LEAST_GAIN = 1e-7;

/**
 * Finds the latent values of largest posterior by Newton's method with halved steps (Rasmussen & Williams 2006,
 * algorithm 3.1). The objective is concave. P(label = 1) = Φ(f), and f has the prior N(m, K).
 *
 * @param covariance K, both triangles, shape [n, n]
 * @param labels 1 or −1, shape [n]
 * @param mean m
 * @returns undefined if B cannot be factored because K is not finite
 */
export function findLatentMode(covariance: Float64Array, labels: Int8Array, mean: number): LatentMode | undefined {
  const n = labels.length;
  let current = evaluateLabels(covariance, labels, mean, new Float64Array(n));
  for (let step = 0; step < MAX_STEPS; step++) {
    const factor = factorWeighted(covariance, current.weights);
    if (!factor) return undefined;
    const target = solveNewtonStep(covariance, current, factor, mean);
    const next = searchStep(current, target, (alpha) => evaluateLabels(covariance, labels, mean, alpha));
    const gain = next ? next.objective - current.objective : 0;
    if (next) current = next;
    if (gain < LEAST_GAIN) break;
  }
  const factor = factorWeighted(covariance, current.weights);
  return factor && { ...current, factor };
}

type Evaluated = Omit<LatentMode, 'factor'> & { readonly objective: number };

function evaluateLabels(covariance: Float64Array, labels: Int8Array, mean: number, alpha: Float64Array): Evaluated {
  const n = labels.length;
  const latent = multiplyRows({ data: covariance, stride: n }, n, alpha).map((value) => mean + value);
  const [slope, weights, third] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  let logLikelihood = 0;
  let quadratic = 0;
  for (let i = 0; i < n; i++) {
    const label = labels[i]!;
    const z = label * latent[i]!;
    // With r = φ(z)/Φ(z), r′ = −r·(z + r).
    const { value, slope: r } = logNormalCdf(z);
    logLikelihood += value;
    slope[i] = label * r;
    weights[i] = Math.max(0, r * (r + z));
    third[i] = label * r * ((z + r) * (z + 2 * r) - 1);
    quadratic += alpha[i]! * (latent[i]! - mean);
  }
  return { alpha, latent, logLikelihood, slope, weights, third, objective: logLikelihood - quadratic / 2 };
}

/** Factors B = I + W^½·K·W^½. Its eigenvalues are at least 1. */
function factorWeighted(covariance: Float64Array, weights: Float64Array): Matrix | undefined {
  const n = weights.length;
  const roots = weights.map(Math.sqrt);
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) data[i * n + j] = roots[i]! * covariance[i * n + j]! * roots[j]!;
    data[i * n + i]! += 1;
  }
  const factor = { data, stride: n };
  return factorRows(factor, 0, n) ? factor : undefined;
}

/** Returns α of the full Newton step: b − W^½·B⁻¹·W^½·K·b with b = W·(f − m) + ∂ ln p/∂f. */
function solveNewtonStep(
  covariance: Float64Array,
  { weights, latent, slope }: Evaluated,
  factor: Matrix,
  mean: number,
): Float64Array {
  const n = weights.length;
  const b = slope.map((value, i) => value + weights[i]! * (latent[i]! - mean));
  const products = multiplyRows({ data: covariance, stride: n }, n, b);
  const solved = products.map((value, i) => Math.sqrt(weights[i]!) * value);
  forwardSolveVector(factor, n, solved);
  backwardSolve(factor, n, solved);
  return b.map((value, i) => value - Math.sqrt(weights[i]!) * solved[i]!);
}

/** Returns the first point between `from` and `target` that is better, halving the step; undefined if none is. */
function searchStep(
  from: Evaluated,
  target: Float64Array,
  evaluate: (alpha: Float64Array) => Evaluated,
): Evaluated | undefined {
  for (let halvings = 0, share = 1; halvings < MAX_HALVINGS; halvings++, share /= 2) {
    const next = evaluate(from.alpha.map((value, i) => value + share * (target[i]! - value)));
    if (next.objective > from.objective) return next;
  }
  return undefined;
}
