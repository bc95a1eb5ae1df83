import { computePosterior, computePosteriorGradient } from '../gp/posterior.ts';
import type { Surrogate } from '../gp/surrogate.ts';
import { divideNondominated, type OutcomeBox } from '../pareto/hypervolume.ts';
import { logImprovement } from './log-ei.ts';
import type { Acquisition } from './scenario-improvement.ts';

/** E[(level − y)⁺] of a normal y, as its logarithm, with the ratios Φ/E and φ/E that gradients need. */
interface Level {
  readonly log: number;
  readonly cdfRatio: number;
  readonly densityRatio: number;
}

const NONE: Level = { log: -Infinity, cdfRatio: 0, densityRatio: 0 };
/** Least relative width of a box's factor; thinner boxes count as empty, because the difference would be rounded. */
const THIN = 1e-12;

/**
 * Creates the logarithm of the expected hypervolume improvement of independent Gaussian processes. The space that is
 * not dominated is divided into boxes; the expectation of the part of a box that a new outcome dominates is a product
 * over the objectives of E[(u − y)⁺] − E[(l − y)⁺], so that it is exact (Yang, Emmerich, Deutz & Bäck 2019, "Efficient
 * computation of expected hypervolume improvement using box decomposition algorithms", theorem 1).
 *
 * @param surrogates of the objectives; larger is better, as everywhere in the models
 * @param front outcomes so far; smaller is better: the negated units of the surrogates
 * @param reference in the same units
 */
export function createHypervolumeImprovement(
  surrogates: readonly Surrogate[],
  front: readonly (readonly number[])[],
  reference: readonly number[],
): Acquisition {
  const { levels, boxes } = indexLevels(divideNondominated(front, reference), surrogates.length);
  return {
    evaluate(points) {
      const posteriors = surrogates.map((surrogate) => computePosterior(surrogate, points));
      const count = posteriors[0]!.mean.length;
      return Float64Array.from({ length: count }, (_, i) => {
        const found = levels.map((of, m) => {
          const { mean, variance } = posteriors[m]!;
          return measureLevels(of, -mean[i]!, Math.sqrt(variance[i]!));
        });
        return sumBoxes(boxes, found).log;
      });
    },
    evaluateWithGradient(x, gradient) {
      const at = surrogates.map((surrogate) => computePosteriorGradient(surrogate, x));
      const sigmas = at.map(({ variance }) => Math.sqrt(variance));
      const found = levels.map((of, m) => measureLevels(of, -at[m]!.mean, sigmas[m]!));
      const { log, byMean, bySigma } = sumBoxes(boxes, found);
      gradient.fill(0);
      at.forEach(({ meanGradient, varianceGradient }, m) => {
        // The mean of y is −μ, and ∂σ = ∂σ²/2σ.
        const [a, b] = [-byMean[m]! / sigmas[m]!, bySigma[m]! / (2 * sigmas[m]! ** 2)];
        for (let k = 0; k < x.length; k++) gradient[k]! += a * meanGradient[k]! + b * varianceGradient[k]!;
      });
      return log;
    },
  };
}

/** A box by the indices of its bounds among the levels of each objective; −1 is −Infinity. */
interface IndexedBox {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/** Lists the different bounds of each objective, so that each expectation is computed once for a point. */
function indexLevels(divided: readonly OutcomeBox[], count: number): { levels: number[][]; boxes: IndexedBox[] } {
  const levels = Array.from({ length: count }, (_, m) => [
    ...new Set(divided.flatMap(({ lower, upper }) => [lower[m]!, upper[m]!]).filter((bound) => bound > -Infinity)),
  ]);
  const places = levels.map((of) => new Map(of.map((bound, k) => [bound, k])));
  const find = (bounds: readonly number[]): number[] => bounds.map((bound, m) => places[m]!.get(bound) ?? -1);
  return { levels, boxes: divided.map(({ lower, upper }) => ({ lower: find(lower), upper: find(upper) })) };
}

function measureLevels(levels: readonly number[], mean: number, sigma: number): Level[] {
  return levels.map((level) => {
    const { value, cdfRatio, densityRatio } = logImprovement((level - mean) / sigma);
    return { log: Math.log(sigma) + value, cdfRatio, densityRatio };
  });
}

/** The logarithm of the sum, and its derivatives by the mean and σ of each objective, both times σ. */
interface BoxSum {
  readonly log: number;
  readonly byMean: readonly number[];
  readonly bySigma: readonly number[];
}

function sumBoxes(boxes: readonly IndexedBox[], found: readonly (readonly Level[])[]): BoxSum {
  const terms = boxes.map(({ lower, upper }) => {
    const factors = found.map((of, m) => subtractLevels(of[upper[m]!]!, of[lower[m]!] ?? NONE));
    return { log: factors.reduce((sum, factor) => sum + factor.log, 0), factors };
  });
  const most = terms.reduce((largest, { log }) => Math.max(largest, log), -Infinity);
  const byMean = found.map(() => 0);
  const bySigma = found.map(() => 0);
  if (most === -Infinity) return { log: -Infinity, byMean, bySigma };
  const total = terms.reduce((sum, { log }) => sum + Math.exp(log - most), 0);
  for (const { log, factors } of terms) {
    const share = Math.exp(log - most) / total;
    if (share === 0) continue;
    factors.forEach((factor, m) => {
      byMean[m]! += share * factor.byMean;
      bySigma[m]! += share * factor.bySigma;
    });
  }
  return { log: most + Math.log(total), byMean, bySigma };
}

/** Returns ln(E_u − E_l) and its derivatives by mean and σ, times σ. */
function subtractLevels(upper: Level, lower: Level): { log: number; byMean: number; bySigma: number } {
  const ratio = Math.exp(lower.log - upper.log);
  const width = 1 - ratio;
  if (!(width > THIN)) return { log: -Infinity, byMean: 0, bySigma: 0 };
  return {
    log: upper.log + Math.log(width),
    byMean: -(upper.cdfRatio - ratio * lower.cdfRatio) / width,
    bySigma: (upper.densityRatio - ratio * lower.densityRatio) / width,
  };
}
