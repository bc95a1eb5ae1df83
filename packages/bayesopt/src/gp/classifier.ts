import { invertFromFactor } from '../math/cholesky.ts';
import { minimizeInBox } from '../math/lbfgs.ts';
import { multiplyRows } from '../math/row-sums.ts';
import type { Kernel } from './kernel.ts';
import { findLatentMode, type LatentMode } from './latent-mode.ts';
import { lengthscalePrior, logNormal, type LogPrior } from './priors.ts';
import {
  computeCovariance,
  conditionSurrogate,
  evaluatePairs,
  squareDifference,
  toInverseSquares,
  type Inputs,
  type KernelParameters,
  type Surrogate,
} from './surrogate.ts';

/** Labels of points, and the prior mean of the latent function f with P(label = 1) = Φ(f). */
export interface LabelData {
  readonly kernel: Kernel;
  readonly inputs: Inputs;
  /** 1 or −1, shape [n]. */
  readonly labels: Int8Array;
}

/** The prior of the latent function. */
export interface LatentPrior {
  /** m. */
  readonly mean: number;
  readonly parameters: KernelParameters;
}

/**
 * Returns Laplace's approximation of ln P(labels): ln p(labels | f) − ½αᵀ(f − m) − Σ ln L_ii at the mode (Rasmussen &
 * Williams 2006, eq. 3.32). If `gradient` of shape [d + 2] is given, writes the derivatives to it (section 5.5.1).
 *
 * @param theta ln ℓ_1 … ln ℓ_d, ln s², m
 * @returns −Infinity if the covariance is not finite
 */
export function logEvidence(data: LabelData, theta: ArrayLike<number>, gradient?: Float64Array): number {
  const { kernel, inputs, labels } = data;
  const { mean, parameters } = toLatentPrior(theta);
  const covariance = computeCovariance({ kernel, parameters, inputs });
  const mode = findLatentMode(covariance, labels, mean);
  if (!mode) return -Infinity;
  const { n } = inputs;
  let value = mode.logLikelihood;
  for (let i = 0; i < n; i++) {
    value -= 0.5 * mode.alpha[i]! * (mode.latent[i]! - mean) + Math.log(mode.factor.data[i * mode.factor.stride + i]!);
  }
  if (gradient) writeGradient({ data, parameters, covariance, mode }, gradient);
  return value;
}

function toLatentPrior(theta: ArrayLike<number>): LatentPrior {
  const d = theta.length - 2;
  const lengthscales = Float64Array.from({ length: d }, (_, c) => Math.exp(theta[c]!));
  return { mean: theta[d + 1]!, parameters: { lengthscales, signalVariance: Math.exp(theta[d]!), noiseVariance: 0 } };
}

interface EvidenceParts {
  readonly data: LabelData;
  readonly parameters: KernelParameters;
  readonly covariance: Float64Array;
  readonly mode: LatentMode;
}

/**
 * Writes Σ_ij ∂K_ij/∂θ·(½α_iα_j − ½R_ij + u_iα_j) with R = W^½·B⁻¹·W^½. The last part is the effect through the mode: u
 * = (I − R·K)·s with s_i = ½Σ_ii·∂³ ln p/∂f_i³, and the posterior variance Σ_ii = (1 − [B⁻¹]_ii)/W_ii.
 */
function writeGradient({ data, parameters, covariance, mode }: EvidenceParts, gradient: Float64Array): void {
  const { kernel, inputs } = data;
  const { alpha, weights, third, factor } = mode;
  const { n, d, x, categorical } = inputs;
  const { signalVariance, lengthscales } = parameters;
  const inverse = invertFromFactor(factor, n);
  const roots = weights.map(Math.sqrt);
  const s = third.map((value, i) => {
    const isFlat = weights[i]! * signalVariance < 1e-6;
    return 0.5 * value * (isFlat ? signalVariance : (1 - inverse[i * n + i]!) / weights[i]!);
  });
  const ks = multiplyRows({ data: covariance, stride: n }, n, s).map((value, i) => roots[i]! * value);
  const rks = multiplyRows({ data: inverse, stride: n }, n, ks);
  const u = s.map((value, i) => value - roots[i]! * rks[i]!);
  const inverseSquares = toInverseSquares(lengthscales);
  const { slopes } = evaluatePairs({ kernel, parameters, inputs });
  gradient.fill(0);
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = 0; j < i; j++, pair++) {
      const w =
        alpha[i]! * alpha[j]! - roots[i]! * inverse[i * n + j]! * roots[j]! + u[i]! * alpha[j]! + u[j]! * alpha[i]!;
      gradient[d]! += w * covariance[i * n + j]!;
      const slope = -2 * w * signalVariance * slopes[pair]!;
      for (let c = 0; c < d; c++) {
        gradient[c]! += slope * squareDifference(x[i * d + c]! - x[j * d + c]!, categorical[c]!) * inverseSquares[c]!;
      }
    }
    const w = 0.5 * alpha[i]! ** 2 - 0.5 * weights[i]! * inverse[i * n + i]! + u[i]! * alpha[i]!;
    gradient[d]! += w * signalVariance;
    gradient[d + 1]! += alpha[i]! + u[i]!;
  }
}

/** s²: large, because most failures follow a rule (memory, a range of a parameter), so that borders are sharp. */
const latentVariancePrior: LogPrior = logNormal(Math.log(30), 1);
/** Standard deviation of m: before any label, a half and almost all of the space may fail. */
const MEAN_DEVIATION = 2;

/** Finds the maximum a posteriori prior of the latent function by L-BFGS from one start. Never throws. */
export function fitClassifier(data: LabelData): LatentPrior {
  const { d } = data.inputs;
  const priors = [...Array.from({ length: d }, () => lengthscalePrior(d)), latentVariancePrior];
  const objective = (theta: Float64Array, gradient: Float64Array): number => {
    const mean = theta[d + 1]!;
    let value = (mean / MEAN_DEVIATION) ** 2 / 2 - logEvidence(data, theta, gradient);
    gradient[d + 1] = mean / MEAN_DEVIATION ** 2 - gradient[d + 1]!;
    priors.forEach((prior, c) => {
      value -= prior.logDensity(theta[c]!);
      gradient[c] = -gradient[c]! - prior.slope(theta[c]!);
    });
    return value;
  };
  const options = {
    lower: createTheta(d, 0.05, 0.1, -10),
    upper: createTheta(d, 100, 1000, 10),
    maxIterations: 30,
    gradientTolerance: 1e-2,
    valueTolerance: 1e-3,
  };
  const start = createTheta(d, 0.5, Math.exp(latentVariancePrior.mode), 0);
  return toLatentPrior(minimizeInBox(objective, start, options).x);
}

function createTheta(d: number, lengthscale: number, signalVariance: number, mean: number): Float64Array {
  const theta = new Float64Array(d + 2).fill(Math.log(lengthscale));
  theta[d] = Math.log(signalVariance);
  theta[d + 1] = mean;
  return theta;
}

/** Least W of a row: the label of a point deep within its own region has no weight. */
const MIN_WEIGHT = 1e-8;

/**
 * Conditions the latent function f − m on labels. Laplace's approximation is a Gaussian process with targets f − m +
 * W⁻¹·∂ ln p/∂f and the noise W⁻¹ of each row. Returns undefined if the inputs are not finite.
 */
export function conditionClassifier(data: LabelData, { mean, parameters }: LatentPrior): Surrogate | undefined {
  const { kernel, inputs, labels } = data;
  const mode = findLatentMode(computeCovariance({ kernel, parameters, inputs }), labels, mean);
  if (!mode) return undefined;
  const extraNoise = mode.weights.map((weight) => 1 / Math.max(weight, MIN_WEIGHT));
  const targets = mode.latent.map((f, i) => f - mean + extraNoise[i]! * mode.slope[i]!);
  return conditionSurrogate({ kernel, parameters, inputs, targets, extraNoise });
}
