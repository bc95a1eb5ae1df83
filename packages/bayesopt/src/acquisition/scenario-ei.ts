import { crossCovariance, dotRow, pointPosterior, variances } from '../gp/posterior.ts';
import type { Surrogate } from '../gp/surrogate.ts';
import { logImprovement } from './log-ei.ts';
import { logNormalCdf } from './normal.ts';

/** A function of points in the unit cube to maximise. */
export interface Acquisition {
  /** Values at points of shape [count, d]. */
  values(points: Float64Array): Float64Array;
  /** Value at one point of shape [d], its gradient written to `gradient`. */
  climb(x: Float64Array, gradient: Float64Array): number;
}

/**
 * What might be true: each scenario fixes the unknown outcomes (of pending trials, and of noisy observations) to one
 * joint draw. The surrogate's rows include the pending points; scenarios share its factor.
 */
export interface Scenarios {
  readonly surrogate: Surrogate;
  /** K⁻¹·(the scenario's outcomes), each of shape [n]. */
  readonly alphas: readonly Float64Array[];
  /** The best outcome in each scenario. */
  readonly best: readonly number[];
}

/**
 * Logarithm of expected improvement averaged over scenarios: plain log-EI with one scenario, noisy EI (Letham et al.
 * 2019, eq. 9) when scenarios draw the noiseless outcomes, and EI with fantasised pending trials (Snoek et al. 2012,
 * section 3.2) when they draw those.
 *
 * @param feasibility probability that a trial here has a value: ln P is added
 */
export function scenarioImprovement({ surrogate, alphas, best }: Scenarios, feasibility?: Acquisition): Acquisition {
  const { n, d } = surrogate.inputs;
  const logCount = Math.log(alphas.length);
  const noise = surrogate.parameters.noiseVariance + surrogate.jitter;
  return {
    values(points) {
      const count = points.length / d;
      const k = crossCovariance(surrogate, points, count);
      const means = alphas.map((alpha) => Float64Array.from({ length: count }, (_, i) => dotRow(k, i * n, alpha)));
      const sigma = variances(surrogate, k, count).map((variance) => learned(variance, noise));
      const terms = new Float64Array(alphas.length);
      const feasible = feasibility?.values(points);
      return sigma.map((s, i) => {
        for (let j = 0; j < terms.length; j++) terms[j] = logImprovement((means[j]![i]! - best[j]!) / s).value;
        return Math.log(s) + logSumExp(terms) - logCount + (feasible?.[i] ?? 0);
      });
    },
    climb(x, gradient) {
      const at = pointPosterior(surrogate, x);
      const s = learned(at.variance, noise);
      const parts = alphas.map((alpha, j) => logImprovement((dotRow(at.covariance, 0, alpha) - best[j]!) / s));
      const total = logSumExp(Float64Array.from(parts, (part) => part.value));
      // ∇ = Σ_j w_j·((Φ/h)_j·∇μ_j + (φ/h)_j·∇σ)/σ with w_j the scenario's share; ∇μ_j = (∇k)ᵀα_j and ∇σ = −(∇k)ᵀK⁻¹k/σ.
      const coefficients = new Float64Array(n);
      let bySigma = 0;
      parts.forEach((part, j) => {
        const share = Math.exp(part.value - total) / s;
        bySigma += share * part.densityRatio;
        const alpha = alphas[j]!;
        for (let i = 0; i < n; i++) coefficients[i]! += share * part.cdfRatio * alpha[i]!;
      });
      for (let i = 0; i < n; i++)
        coefficients[i]! -=
          ((bySigma * at.variance * (at.variance + 2 * noise)) / (s * (at.variance + noise) ** 2)) * at.weights[i]!;
      at.gradientOf(coefficients, gradient);
      const value = Math.log(s) + total - logCount;
      if (!feasibility) return value;
      const slope = new Float64Array(d);
      const logProbability = feasibility.climb(x, slope);
      for (let a = 0; a < d; a++) gradient[a]! += slope[a]!;
      return value + logProbability;
    },
  };
}

/**
 * Standard deviation of the change that an observation makes to the posterior mean where it is made, σ²/√(σ² + σₙ²). In
 * place of σ it keeps the search from measuring again what is known down to the noise (Huang et al. 2006 and Forrester,
 * Keane & Bressloff 2006 have the same aim).
 */
function learned(variance: number, noise: number): number {
  return variance / Math.sqrt(variance + noise);
}

/** Variance of the step between feasible and not: what the boundary's place is blurred by. */
const BLUR = 0.1;

/**
 * ln P(feasible) from a process fitted to one label for trials that gave a value (0) and one for those that did not
 * (below −offset): P = Φ((μ + offset)/√(σ² + BLUR)), so that a region nothing is known of is likely feasible.
 */
export function logFeasibility(surrogate: Surrogate, offset: number): Acquisition {
  const { n, d } = surrogate.inputs;
  return {
    values(points) {
      const count = points.length / d;
      const k = crossCovariance(surrogate, points, count);
      const means = Float64Array.from({ length: count }, (_, i) => dotRow(k, i * n, surrogate.alpha));
      return variances(surrogate, k, count).map(
        (variance, i) => logNormalCdf((means[i]! + offset) / Math.sqrt(variance + BLUR)).value,
      );
    },
    climb(x, gradient) {
      const at = pointPosterior(surrogate, x);
      const s = Math.sqrt(at.variance + BLUR);
      const z = (dotRow(at.covariance, 0, surrogate.alpha) + offset) / s;
      const { value, slope } = logNormalCdf(z);
      // ∂z = ∂μ/s − z·∂s/s with ∂s = −(∇k)ᵀK⁻¹k/s.
      const coefficients = Float64Array.from(
        { length: n },
        (_, i) => (slope / s) * (surrogate.alpha[i]! + (z / s) * at.weights[i]!),
      );
      at.gradientOf(coefficients, gradient);
      return value;
    },
  };
}

function logSumExp(terms: Float64Array): number {
  let most = -Infinity;
  for (const term of terms) most = Math.max(most, term);
  if (most === -Infinity) return -Infinity;
  let sum = 0;
  for (const term of terms) sum += Math.exp(term - most);
  return most + Math.log(sum);
}
