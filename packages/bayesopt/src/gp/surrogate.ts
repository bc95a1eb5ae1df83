import type { Kernel } from '../kernels/kernel.ts';
import { backwardSolve, factorRows, forwardSolve } from '../linalg/cholesky.ts';

/** Training inputs in the unit cube. */
export interface Inputs {
  readonly n: number;
  readonly d: number;
  /** Row-major, shape [n, d]. */
  readonly x: Float64Array;
  /** Shape [d]; 1 marks an axis without order: its distance is 0 when equal, else 1 (Hamming). */
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

/** A Gaussian process conditioned on data; symbols as in NOTATION.md. */
export interface Surrogate {
  readonly kernel: Kernel;
  readonly parameters: KernelParameters;
  readonly inputs: Inputs;
  /** Factor L of K + noise, row-major with the given stride; rows may be appended up to the stride. */
  readonly factor: Float64Array;
  readonly stride: number;
  /** Jitter the factorisation needed on top of the noise; 0 as a rule. */
  readonly jitter: number;
  /** α = K⁻¹·y, shape [n]. */
  readonly alpha: Float64Array;
  readonly targets: Float64Array;
  /** Variances that the rows have on top of the noise, shape [n]; absent where none has any. */
  readonly extraNoise?: Float64Array | undefined;
}

export interface Factorisation {
  readonly factor: Float64Array;
  readonly stride: number;
  readonly jitter: number;
}

/** Squared distance r² between row i of `a` and row j of `b`, scaled by `weights` = 1/ℓ². */
export function scaledSquaredDistance(
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  weights: Float64Array,
  categorical: Uint8Array,
): number {
  const d = weights.length;
  let sum = 0;
  for (let c = 0; c < d; c++) {
    const delta = a[i * d + c]! - b[j * d + c]!;
    sum += (categorical[c] ? (delta === 0 ? 0 : 1) : delta * delta) * weights[c]!;
  }
  return sum;
}

/** 1/ℓ², shape [d]. */
export function weightsOf(lengthscales: Float64Array): Float64Array {
  return lengthscales.map((lengthscale) => 1 / (lengthscale * lengthscale));
}

/**
 * Fills the lower triangle of rows `from` … n − 1 with the prior covariance, the diagonal with noise and `extraNoise`
 * added.
 */
export function fillCovariance(
  out: Float64Array,
  stride: number,
  inputs: Inputs,
  kernel: Kernel,
  parameters: KernelParameters,
  jitter: number,
  extraNoise?: Float64Array,
  from = 0,
): void {
  const weights = weightsOf(parameters.lengthscales);
  const { signalVariance, noiseVariance } = parameters;
  for (let i = from; i < inputs.n; i++) {
    for (let j = 0; j < i; j++) {
      const squared = scaledSquaredDistance(inputs.x, i, inputs.x, j, weights, inputs.categorical);
      out[i * stride + j] = signalVariance * kernel.value(squared);
    }
    out[i * stride + i] = signalVariance + noiseVariance + jitter + (extraNoise?.[i] ?? 0);
  }
}

const JITTERS = [0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2];

/**
 * Factors the prior covariance, raising the jitter (relative to the prior variance) until every pivot is positive.
 *
 * @param capacity rows to leave room for
 * @returns undefined when even the largest jitter fails, as with hyperparameters that are not finite
 */
export function factorise(
  inputs: Inputs,
  kernel: Kernel,
  parameters: KernelParameters,
  extraNoise?: Float64Array,
  capacity = inputs.n,
): Factorisation | undefined {
  const factor = new Float64Array(capacity * capacity);
  for (const relative of JITTERS) {
    const jitter = relative * parameters.signalVariance;
    fillCovariance(factor, capacity, inputs, kernel, parameters, jitter, extraNoise);
    if (factorRows(factor, capacity, 0, inputs.n)) return { factor, stride: capacity, jitter };
  }
  return undefined;
}

/** α = K⁻¹·y from the factor; shape [n]. */
export function solveTargets({ factor, stride }: Factorisation, targets: Float64Array): Float64Array {
  const alpha = Float64Array.from(targets);
  forwardSolve(factor, stride, targets.length, alpha, targets.length, 1);
  backwardSolve(factor, stride, targets.length, alpha);
  return alpha;
}

/**
 * Conditions the process on targets at the inputs.
 *
 * @param targets shape [n], standardised
 * @param extraNoise variances to add to the diagonal per row, shape [n]
 * @throws RangeError when the covariance cannot be factored even with jitter: hyperparameters or inputs that are not
 *   finite
 */
export function condition(
  kernel: Kernel,
  parameters: KernelParameters,
  inputs: Inputs,
  targets: Float64Array,
  extraNoise?: Float64Array,
  capacity = inputs.n,
): Surrogate {
  const factorisation = factorise(inputs, kernel, parameters, extraNoise, capacity);
  if (!factorisation)
    throw new RangeError('the covariance cannot be factored; are all inputs and hyperparameters finite?');
  return {
    kernel,
    parameters,
    inputs,
    ...factorisation,
    alpha: solveTargets(factorisation, targets),
    targets,
    extraNoise,
  };
}

/**
 * The surrogate with further rows appended to its factor (a rank-one update each): same bits as conditioning on all
 * rows at once. The new rows have the noise alone. The factor is shared where its stride has room, so the former
 * surrogate stays valid.
 *
 * @param rows shape [count, d]
 * @param targets shape [n + count]: values of the old rows, then of the new
 */
export function append(surrogate: Surrogate, rows: Float64Array, targets: Float64Array): Surrogate {
  const { kernel, parameters, jitter } = surrogate;
  const { n: before, d, categorical } = surrogate.inputs;
  const n = before + rows.length / d;
  const x = new Float64Array(n * d);
  x.set(surrogate.inputs.x);
  x.set(rows, before * d);
  const inputs: Inputs = { n, d, x, categorical };
  let { factor, stride } = surrogate;
  if (n > stride) {
    factor = new Float64Array(n * n);
    for (let i = 0; i < before; i++) factor.set(surrogate.factor.subarray(i * stride, i * stride + i + 1), i * n);
    stride = n;
  }
  fillCovariance(factor, stride, inputs, kernel, parameters, jitter, undefined, before);
  let { extraNoise } = surrogate;
  if (extraNoise) {
    extraNoise = new Float64Array(n);
    extraNoise.set(surrogate.extraNoise!);
  }
  if (!factorRows(factor, stride, before, n)) return condition(kernel, parameters, inputs, targets, extraNoise, n);
  const factorisation = { factor, stride, jitter };
  return {
    kernel,
    parameters,
    inputs,
    ...factorisation,
    alpha: solveTargets(factorisation, targets),
    targets,
    extraNoise,
  };
}
