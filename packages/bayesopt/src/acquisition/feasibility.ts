import { computeCrossCovariance, computePointPosterior, computeVariances } from '../gp/posterior.ts';
import type { Surrogate } from '../gp/surrogate.ts';
import { logNormalCdf } from '../math/normal.ts';
import { dotRow, multiplyRows } from '../math/row-sums.ts';
import type { Acquisition } from './scenario-improvement.ts';

/** Variance in addition to that of the latent function: how uncertain a border stays however well it is known. */
const BLUR = 0.1;
/**
 * Weight of ln P in an acquisition. Expected improvement times P would be right for the last trial of a search. With
 * more to come, a failure also costs what a trial elsewhere would have taught. In addition, a model extrapolates large
 * improvements to where it has no values: without the weight, a search whose best point lies at a border tries failing
 * points again and again.
 */
export const CAUTION = 30;

/**
 * Creates weight·ln P with P = Φ((μ + m)/√(σ² + blur)), the probability that trials at a point return a value more
 * often than not.
 *
 * @param surrogate latent function f − m of a classifier, or a measured quantity of which large values are feasible
 * @param mean m
 * @param options.weight 1, or more for caution
 * @param options.blur variance in addition to that of the model; by default that of a border between classes
 */
export function createFeasibility(
  surrogate: Surrogate,
  mean: number,
  { weight, blur = BLUR }: { weight: number; blur?: number },
): Acquisition {
  const { n, d } = surrogate.inputs;
  return {
    evaluate(points) {
      const count = points.length / d;
      const k = computeCrossCovariance(surrogate, points, count);
      const means = multiplyRows({ data: k, stride: n }, count, surrogate.alpha);
      return computeVariances(surrogate, k, count).map(
        (variance, i) => weight * logNormalCdf((means[i]! + mean) / Math.sqrt(variance + blur)).value,
      );
    },
    evaluateWithGradient(x, gradient) {
      const at = computePointPosterior(surrogate, x);
      const s = Math.sqrt(at.variance + blur);
      const z = (dotRow(at.covariance, 0, surrogate.alpha) + mean) / s;
      const { value, slope } = logNormalCdf(z);
      // ∂z = ∂μ/s − z·∂s/s with ∂s = −(∇k)ᵀK⁻¹k/s.
      const coefficients = Float64Array.from(
        { length: n },
        (_, i) => weight * (slope / s) * (surrogate.alpha[i]! + (z / s) * at.weights[i]!),
      );
      at.writeGradient(coefficients, gradient);
      return weight * value;
    },
  };
}
