import type { Scenarios } from '../acquisition/scenario-ei.ts';
import { append, condition, scaledSquaredDistance, weightsOf, type Surrogate } from '../gp/surrogate.ts';
import { backwardSolve, forwardSolve } from '../linalg/cholesky.ts';
import { createRandom } from '../random/random.ts';

/** Joint draws to average over; antithetic pairs. */
const DRAWS = 32;
/** Noise left in the noiseless process, relative to s²: it must stay factorable with crowded points. */
const NOISELESS = 1e-6;

/**
 * One scenario when nothing is unknown; else draws of the outcomes at pending points (fantasies), by appending them to
 * the factor: with L⁻¹y = v for the known rows, independent normals for the further ones are exactly a joint draw from
 * their posterior.
 *
 * @param best the best outcome among rows that were observed
 * @param pending row-major, shape [count, d]
 */
export function fantasies(surrogate: Surrogate, best: number, pending: Float64Array, seed: number): Scenarios {
  const count = pending.length / surrogate.inputs.d;
  if (count === 0) return { surrogate, alphas: [surrogate.alpha], best: [best] };
  const before = surrogate.inputs.n;
  const n = before + count;
  const padded = new Float64Array(n);
  padded.set(surrogate.targets);
  const grown = append(surrogate, pending, padded);
  const known = Float64Array.from(surrogate.targets);
  forwardSolve(grown.factor, grown.stride, before, known, before, 1);
  const draws = antithetic(count, seed);
  const alphas = draws.map((z) => {
    const v = new Float64Array(n);
    v.set(known);
    v.set(z, before);
    backwardSolve(grown.factor, grown.stride, n, v);
    return v;
  });
  const bests = draws.map((z) => {
    let most = best;
    for (let i = 0; i < count; i++) {
      const row = (before + i) * grown.stride;
      let y = 0;
      for (let k = 0; k < before; k++) y += grown.factor[row + k]! * known[k]!;
      for (let k = 0; k <= i; k++) y += grown.factor[row + before + k]! * z[k]!;
      most = Math.max(most, y);
    }
    return most;
  });
  return { surrogate: grown, alphas, best: bests };
}

/**
 * Draws of the noiseless outcomes at the observed and the pending points, for noisy expected improvement. By Matheron's
 * rule a posterior draw is f = f̃ + K·Kᵧ⁻¹(y − f̃ − ε) with f̃ from the prior (Wilson et al. 2020, eq. 9); its weights
 * against the noiseless covariance are L⁻ᵀz + Kᵧ⁻¹(y − f̃ − ε).
 *
 * @param observed rows of the surrogate whose draws may be the incumbent
 */
export function noiselessDraws(surrogate: Surrogate, observed: number, pending: Float64Array, seed: number): Scenarios {
  const { kernel, parameters, inputs, factor, stride, extraNoise } = surrogate;
  const { d, categorical } = inputs;
  const n = inputs.n + pending.length / d;
  const x = new Float64Array(n * d);
  x.set(inputs.x);
  x.set(pending, inputs.n * d);
  const quiet = { ...parameters, noiseVariance: NOISELESS * parameters.signalVariance };
  const noiseless = condition(kernel, quiet, { n, d, x, categorical }, new Float64Array(n));
  const covariance = symmetricCovariance(noiseless);
  const random = createRandom(seed, 0x0e1);
  // Of each row as much as the factor has: a censored one is less certain than its noise says.
  const noise = Float64Array.from(surrogate.targets, (_, i) =>
    Math.sqrt(parameters.noiseVariance + (extraNoise?.[i] ?? 0)),
  );
  const alphas: Float64Array[] = [];
  const bests: number[] = [];
  for (const z of antithetic(n, seed)) {
    const prior = multiplyLower(noiseless, z);
    const residual = Float64Array.from(surrogate.targets, (y, i) => y - prior[i]! - noise[i]! * random.normal());
    forwardSolve(factor, stride, inputs.n, residual, inputs.n, 1);
    backwardSolve(factor, stride, inputs.n, residual);
    const alpha = Float64Array.from(z);
    backwardSolve(noiseless.factor, noiseless.stride, n, alpha);
    for (let i = 0; i < inputs.n; i++) alpha[i]! += residual[i]!;
    let most = -Infinity;
    for (let i = 0; i < n; i++) {
      if (i >= observed && i < inputs.n) continue; // a censored row is never an incumbent
      let f = prior[i]!;
      for (let j = 0; j < inputs.n; j++) f += covariance[i * n + j]! * residual[j]!;
      most = Math.max(most, f);
    }
    alphas.push(alpha);
    bests.push(most);
  }
  return { surrogate: noiseless, alphas, best: bests };
}

function symmetricCovariance({ kernel, parameters, inputs }: Surrogate): Float64Array {
  const { n, x, categorical } = inputs;
  const weights = weightsOf(parameters.lengthscales);
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = parameters.signalVariance * kernel.value(scaledSquaredDistance(x, i, x, j, weights, categorical));
      out[i * n + j] = value;
      out[j * n + i] = value;
    }
  }
  return out;
}

function multiplyLower({ factor, stride, inputs: { n } }: Surrogate, z: Float64Array): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let k = 0; k <= i; k++) sum += factor[i * stride + k]! * z[k]!;
    return sum;
  });
}

function antithetic(length: number, seed: number): Float64Array[] {
  const random = createRandom(seed, 0xa27);
  return Array.from({ length: DRAWS / 2 }, () => Float64Array.from({ length }, random.normal)).flatMap((z) => [
    z,
    z.map((value) => -value),
  ]);
}
