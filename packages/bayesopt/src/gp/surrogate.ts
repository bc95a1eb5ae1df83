import { backwardSolve, factorRows, forwardSolveVector } from '../math/cholesky.ts';
import type { Matrix } from '../math/matrix.ts';
import { evaluateTriangle, type Metric } from './covariances.ts';
import type { Kernel } from './kernel.ts';

/** Training inputs in the unit cube. */
export interface Inputs {
  readonly n: number;
  readonly d: number;
  /** Row-major, shape [n, d]. */
  readonly x: Float64Array;
  /** Shape [d]; 1 marks an axis without order: its distance is 0 if the values are equal, otherwise 1 (Hamming). */
  readonly categorical: Uint8Array;
}

export interface KernelParameters {
  /** ℓ, shape [d]. */
  readonly lengthscales: Float64Array;
  /** s². */
  readonly signalVariance: number;
  /** σₙ², added to the diagonal of K. */
  readonly noiseVariance: number;
}

/** The prior of a Gaussian process at its training inputs. */
export interface PriorData {
  readonly kernel: Kernel;
  readonly parameters: KernelParameters;
  readonly inputs: Inputs;
  /** Variances that the rows have in addition to the noise, shape [n]; absent if no row has any. */
  readonly extraNoise?: Float64Array | undefined;
  /** The kernel at the inputs, if it is known. */
  readonly pairs?: Pick<KernelPairs, 'values'> | undefined;
}

/** What a Gaussian process is conditioned on. */
export interface SurrogateData extends PriorData {
  /** Standardized outcomes, shape [n]. */
  readonly targets: Float64Array;
}

/** The Cholesky factor of a covariance. */
export interface CovarianceFactor {
  /** L of K + noise; its stride may leave space for more rows. */
  readonly factor: Matrix;
  /** Jitter that the factorization needed in addition to the noise; 0 as a rule. */
  readonly jitter: number;
}

/** A Gaussian process conditioned on data; symbols as in NOTATION.md. */
export interface Surrogate extends SurrogateData, CovarianceFactor {
  /** α = K⁻¹·y, shape [n]. */
  readonly alpha: Float64Array;
}

/** Returns Δ², or for an axis without order 0 or 1. */
export function squareDifference(delta: number, categorical: number): number {
  if (categorical) return delta === 0 ? 0 : 1;
  return delta * delta;
}

/** Returns 1/ℓ², shape [d]. */
export function toInverseSquares(lengthscales: Float64Array): Float64Array {
  return lengthscales.map((lengthscale) => 1 / (lengthscale * lengthscale));
}

/**
 * The kernel at each pair of training inputs j < i, shape [n·(n − 1)/2]: of row 1, then of row 2, and so on. Whoever
 * needs the slopes, too, has both for little more than one.
 */
export interface KernelPairs {
  readonly values: Float64Array;
  /** ∂k/∂(r²). */
  readonly slopes: Float64Array;
}

/** Evaluates the kernel at each pair of training inputs. */
export function evaluatePairValues(prior: PriorData): Pick<KernelPairs, 'values'> {
  const rows = { x: prior.inputs.x, from: 0, n: prior.inputs.n };
  return { values: evaluateTriangle(toMetric(prior), rows, { scale: 1 }).values.slice() };
}

/** Evaluates the kernel and its slope at each pair of training inputs. */
export function evaluatePairs(prior: PriorData): KernelPairs {
  const rows = { x: prior.inputs.x, from: 0, n: prior.inputs.n };
  const { values, slopes } = evaluateTriangle(toMetric(prior), rows, { scale: 1, slopeScale: 1 });
  return { values: values.slice(), slopes: slopes.slice() };
}

/** Returns the kernel of a prior and the metric of its inputs. */
export function toMetric({ kernel, parameters: { lengthscales }, inputs: { categorical } }: PriorData): Metric {
  return { kernel, lengthscales, categorical };
}

/** Writes the prior covariance to the lower triangle of rows `from` … n − 1, with noise and jitter on the diagonal. */
function fillCovariance({ data, stride }: Matrix, prior: PriorData, jitter: number, from = 0): void {
  const { parameters, inputs, extraNoise, pairs } = prior;
  const { signalVariance, noiseVariance } = parameters;
  const rows = { x: inputs.x, from, n: inputs.n };
  const { values } = pairs ?? evaluateTriangle(toMetric(prior), rows, { scale: signalVariance });
  for (let i = from, at = 0; i < inputs.n; at += i, i++) {
    const row = i * stride;
    if (pairs) for (let j = 0; j < i; j++) data[row + j] = signalVariance * values[at + j]!;
    else data.set(values.subarray(at, at + i), row);
    data[row + i] = signalVariance + noiseVariance + jitter + (extraNoise?.[i] ?? 0);
  }
}

/** Returns the prior covariance without noise: both triangles, shape [n, n]. */
export function computeCovariance(prior: PriorData): Float64Array {
  const { parameters, inputs } = prior;
  const { n, x } = inputs;
  const { values } = prior.pairs ?? evaluateTriangle(toMetric(prior), { x, from: 0, n }, { scale: 1 });
  const out = new Float64Array(n * n);
  for (let i = 0, at = 0; i < n; at += i, i++) {
    for (let j = 0; j < i; j++) {
      const value = parameters.signalVariance * values[at + j]!;
      out[i * n + j] = value;
      out[j * n + i] = value;
    }
    out[i * n + i] = parameters.signalVariance;
  }
  return out;
}

const JITTERS = [0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2];

/**
 * Factors the prior covariance. Raises the jitter (relative to the prior variance) until every pivot is positive.
 *
 * @param capacity number of rows to allocate, at least n
 * @returns undefined if even the largest jitter fails, for example because hyperparameters are not finite
 */
export function factorCovariance(prior: PriorData, capacity = prior.inputs.n): CovarianceFactor | undefined {
  const factor = { data: new Float64Array(capacity * capacity), stride: capacity };
  for (const relative of JITTERS) {
    const jitter = relative * prior.parameters.signalVariance;
    fillCovariance(factor, prior, jitter);
    if (factorRows(factor, 0, prior.inputs.n)) return { factor, jitter };
  }
  return undefined;
}

/** Solves for α = K⁻¹·y with the factor; shape [n]. */
export function solveTargets({ factor }: CovarianceFactor, targets: Float64Array): Float64Array {
  const alpha = Float64Array.from(targets);
  forwardSolveVector(factor, targets.length, alpha);
  backwardSolve(factor, targets.length, alpha);
  return alpha;
}

/**
 * Conditions a Gaussian process on targets at the inputs.
 *
 * @param capacity number of rows to allocate for the factor, at least n
 * @throws RangeError if the covariance cannot be factored even with jitter
 */
export function conditionSurrogate(data: SurrogateData, capacity = data.inputs.n): Surrogate {
  const covarianceFactor = factorCovariance(data, capacity);
  if (!covarianceFactor) {
    throw new RangeError('the covariance cannot be factored; all inputs and hyperparameters must be finite');
  }
  return createSurrogate(data, covarianceFactor);
}

function createSurrogate(data: SurrogateData, covarianceFactor: CovarianceFactor): Surrogate {
  const { kernel, parameters, inputs, targets, extraNoise } = data;
  const { factor, jitter } = covarianceFactor;
  const alpha = solveTargets(covarianceFactor, targets);
  return { kernel, parameters, inputs, targets, extraNoise, factor, jitter, alpha };
}

/**
 * Appends rows to a surrogate by extending its factor. The bits are those of conditioning on all rows at once. The new
 * rows have no extra noise. If the factor has a spare row, both surrogates share it and the old one stays valid.
 *
 * @param rows shape [count, d]
 * @param targets shape [n + count]: values of the old rows, then of the new rows
 */
export function appendRows(surrogate: Surrogate, rows: Float64Array, targets: Float64Array): Surrogate {
  const { kernel, parameters, jitter } = surrogate;
  const { n: before, d, categorical } = surrogate.inputs;
  const n = before + rows.length / d;
  const x = new Float64Array(n * d);
  x.set(surrogate.inputs.x);
  x.set(rows, before * d);
  const extraNoise = surrogate.extraNoise && extendVector(surrogate.extraNoise, n);
  const data = { kernel, parameters, inputs: { n, d, x, categorical }, targets, extraNoise };
  const factor = n > surrogate.factor.stride ? copyFactor(surrogate.factor, before, n) : surrogate.factor;
  fillCovariance(factor, data, jitter, before);
  if (!factorRows(factor, before, n)) return conditionSurrogate(data);
  return createSurrogate(data, { factor, jitter });
}

function extendVector(vector: Float64Array, length: number): Float64Array {
  const extended = new Float64Array(length);
  extended.set(vector);
  return extended;
}

/** Copies the first n rows of a factor to a matrix with space for `capacity` rows. */
function copyFactor({ data, stride }: Matrix, n: number, capacity: number): Matrix {
  const copy = new Float64Array(capacity * capacity);
  for (let i = 0; i < n; i++) copy.set(data.subarray(i * stride, i * stride + i + 1), i * capacity);
  return { data: copy, stride: capacity };
}
