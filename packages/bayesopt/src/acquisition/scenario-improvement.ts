import { computeCrossCovariance, computePointPosterior, computeVariances } from '../gp/posterior.ts';
import type { Surrogate } from '../gp/surrogate.ts';
import { addProducts } from '../math/products.ts';
import { addWeightedRows, dotRow, multiplyRows } from '../math/row-sums.ts';
import { logImprovement } from './log-ei.ts';

/** A function of points in the unit cube to maximize. */
export interface Acquisition {
  /** Returns the values at points of shape [count, d]. */
  evaluate(points: Float64Array): Float64Array;
  /** Returns the value at one point of shape [d] and writes the gradient there to `gradient`. */
  evaluateWithGradient(x: Float64Array, gradient: Float64Array): number;
}

/**
 * Possible values of the unknown outcomes (of pending trials and of noisy observations). Each scenario is one joint
 * draw of all of them. The rows of the surrogate include the pending points; scenarios share its factor.
 */
export interface Scenarios {
  readonly surrogate: Surrogate;
  /** K⁻¹·(the scenario's outcomes), one row for each: shape [scenarios, n]. */
  readonly alphas: Float64Array;
  /** The best outcome in each scenario. */
  readonly best: readonly number[];
  /** L⁻¹·(the scenario's outcomes), if the scenarios differ in their last rows only; absent otherwise. */
  readonly whitened?: WhitenedOutcomes;
}

/** Outcomes after the forward solve. With the rows of L⁻¹k, a posterior mean is one dot product for all scenarios. */
export interface WhitenedOutcomes {
  /** Of the rows that are the same in all scenarios. */
  readonly known: Float64Array;
  /** Of the rows after these, for each scenario. */
  readonly drawn: readonly Float64Array[];
}

/**
 * Creates the logarithm of expected improvement, averaged over scenarios. With one scenario it is plain log-EI. If
 * scenarios draw the noiseless outcomes, it is noisy EI (Letham et al. 2019, eq. 9). If they draw the outcomes of
 * pending trials, it is EI with fantasies (Snoek et al. 2012, section 3.2).
 *
 * @param feasibility is added; see `createFeasibility`
 */
export function createScenarioImprovement(
  { surrogate, alphas, best, whitened }: Scenarios,
  feasibility?: Acquisition,
): Acquisition {
  const { n, d } = surrogate.inputs;
  const scenarios = best.length;
  const logCount = Math.log(scenarios);
  const noise = surrogate.parameters.noiseVariance + surrogate.jitter;
  return {
    evaluate(points) {
      const count = points.length / d;
      const k = computeCrossCovariance(surrogate, points, count);
      const direct = whitened ? undefined : computeMeans(k, n, alphas);
      // Overwrites k with L⁻¹k.
      const sigma = computeVariances(surrogate, k, count).map((variance) => measureLearning(variance, noise));
      const means = direct ?? computeWhitenedMeans(k, n, whitened!);
      const terms = new Float64Array(scenarios);
      const feasible = feasibility?.evaluate(points);
      return sigma.map((s, i) => {
        for (let j = 0; j < scenarios; j++) {
          terms[j] = logImprovement((means[j * count + i]! - best[j]!) / s).value;
        }
        return Math.log(s) + logSumExp(terms) - logCount + (feasible?.[i] ?? 0);
      });
    },
    evaluateWithGradient(x, gradient) {
      const at = computePointPosterior(surrogate, x);
      const s = measureLearning(at.variance, noise);
      const means = multiplyRows({ data: alphas, stride: n }, scenarios, at.covariance);
      const parts = Array.from(means, (mean, j) => logImprovement((mean - best[j]!) / s));
      const total = logSumExp(Float64Array.from(parts, (part) => part.value));
      // ∇ = Σ_j w_j·((Φ/h)_j·∇μ_j + (φ/h)_j·∇σ)/σ with w_j the scenario's share; ∇μ_j = (∇k)ᵀα_j and ∇σ = −(∇k)ᵀK⁻¹k/σ.
      let bySigma = 0;
      const byMean = Float64Array.from(parts, (part) => {
        const share = Math.exp(part.value - total) / s;
        bySigma += share * part.densityRatio;
        return share * part.cdfRatio;
      });
      const coefficients = new Float64Array(n);
      addWeightedRows({ data: alphas, stride: n }, byMean, coefficients);
      const byWeight = (bySigma * at.variance * (at.variance + 2 * noise)) / (s * (at.variance + noise) ** 2);
      for (let i = 0; i < n; i++) coefficients[i]! -= byWeight * at.weights[i]!;
      at.writeGradient(coefficients, gradient);
      const value = Math.log(s) + total - logCount;
      if (!feasibility) return value;
      const slope = new Float64Array(d);
      const logProbability = feasibility.evaluateWithGradient(x, slope);
      for (let a = 0; a < d; a++) gradient[a]! += slope[a]!;
      return value + logProbability;
    },
  };
}

/** Returns kᵀα of each scenario for each row of `k`, shape [count, n]; the result has shape [scenarios, count]. */
function computeMeans(k: Float64Array, n: number, alphas: Float64Array): Float64Array {
  const [count, scenarios] = [k.length / n, alphas.length / n];
  const means = new Float64Array(scenarios * count);
  addProducts({ data: k, stride: n, rows: count }, { data: alphas, stride: n, rows: scenarios }, n, means);
  return means;
}

/** Returns the means of each scenario for each row of `v` = L⁻¹k, shape [count, n]; shape as above. */
function computeWhitenedMeans(v: Float64Array, n: number, { known, drawn }: WhitenedOutcomes): Float64Array {
  const count = v.length / n;
  const shared = multiplyRows({ data: v, stride: n }, count, known);
  const means = new Float64Array(drawn.length * count);
  drawn.forEach((z, j) => {
    for (let i = 0; i < count; i++) means[j * count + i] = shared[i]! + dotRow(v, i * n + known.length, z);
  });
  return means;
}

/**
 * Returns the standard deviation of the change that an observation makes to the posterior mean at its point, σ²/√(σ² +
 * σₙ²). It replaces σ, so that the search does not evaluate again what is already known up to the noise. Huang et al.
 * 2006 and Forrester, Keane & Bressloff 2006 have the same aim.
 */
function measureLearning(variance: number, noise: number): number {
  return variance / Math.sqrt(variance + noise);
}

function logSumExp(terms: Float64Array): number {
  let most = -Infinity;
  for (const term of terms) most = Math.max(most, term);
  if (most === -Infinity) return -Infinity;
  let sum = 0;
  for (const term of terms) sum += Math.exp(term - most);
  return most + Math.log(sum);
}
