import type { Scenarios } from '../acquisition/scenario-improvement.ts';
import { appendRows, computeCovariance, conditionSurrogate, type Surrogate } from '../gp/surrogate.ts';
import { backwardSolve, forwardSolveVector } from '../math/cholesky.ts';
import { createRandom } from '../random/random.ts';

/** Number of joint draws to average over, in antithetic pairs. */
const DRAWS = 32;
/** Noise that remains in the noiseless process, relative to s², so that crowded points can be factored. */
const NOISELESS = 1e-6;

/** Points of pending trials, and which of them may be the best one. */
export interface PendingPoints {
  /** Row-major, shape [count, d]. */
  readonly pending: Float64Array;
  readonly mayLead: (index: number) => boolean;
}

/**
 * Creates joint draws of the outcomes at pending points (fantasies), or one scenario if nothing is pending. The pending
 * rows are appended to the factor: with L⁻¹y = v for the known rows, independent normals for the new rows are exactly a
 * joint draw from their posterior.
 *
 * @param best the best outcome among the observed rows
 */
export function createFantasies(
  surrogate: Surrogate,
  best: number,
  { pending, mayLead }: PendingPoints,
  seed: number,
): Scenarios {
  const count = pending.length / surrogate.inputs.d;
  if (count === 0) return { surrogate, alphas: [surrogate.alpha], best: [best] };
  const before = surrogate.inputs.n;
  const n = before + count;
  const padded = new Float64Array(n);
  padded.set(surrogate.targets);
  const grown = appendRows(surrogate, pending, padded);
  const known = Float64Array.from(surrogate.targets);
  forwardSolveVector(grown.factor, before, known);
  const draws = drawAntitheticPairs(count, seed);
  const alphas = draws.map((z) => {
    const v = new Float64Array(n);
    v.set(known);
    v.set(z, before);
    backwardSolve(grown.factor, n, v);
    return v;
  });
  const bests = draws.map((z) => {
    let most = best;
    for (let i = 0; i < count; i++) {
      if (!mayLead(i)) continue;
      const row = (before + i) * grown.factor.stride;
      let y = 0;
      for (let k = 0; k < before; k++) y += grown.factor.data[row + k]! * known[k]!;
      for (let k = 0; k <= i; k++) y += grown.factor.data[row + before + k]! * z[k]!;
      most = Math.max(most, y);
    }
    return most;
  });
  const whitened = { known: known.slice(0, before), drawn: draws };
  return { surrogate: grown, alphas, best: bests, whitened };
}

/**
 * Creates joint draws of the noiseless outcomes at the observed and the pending points, for noisy expected improvement.
 * By Matheron's rule a posterior draw is f = f̃ + K·Kᵧ⁻¹(y − f̃ − ε) with f̃ from the prior (Wilson et al. 2020, eq.
 * 9). Its weights against the noiseless covariance are L⁻ᵀz + Kᵧ⁻¹(y − f̃ − ε).
 *
 * @param mayLead whether the draw of a known row may be the incumbent
 */
export function createNoiselessScenarios(
  surrogate: Surrogate,
  mayLead: (row: number) => boolean,
  { pending, mayLead: pendingMayLead }: PendingPoints,
  seed: number,
): Scenarios {
  const { kernel, parameters, inputs, factor, extraNoise } = surrogate;
  const { d, categorical } = inputs;
  const n = inputs.n + pending.length / d;
  const x = new Float64Array(n * d);
  x.set(inputs.x);
  x.set(pending, inputs.n * d);
  const quiet = { ...parameters, noiseVariance: NOISELESS * parameters.signalVariance };
  const targets = new Float64Array(n);
  const noiseless = conditionSurrogate({ kernel, parameters: quiet, inputs: { n, d, x, categorical }, targets });
  const covariance = computeCovariance(noiseless);
  const random = createRandom(seed, 0x0e1);
  // The noise of each row in the factor: a censored row has more than the others.
  const noise = Float64Array.from(surrogate.targets, (_, i) =>
    Math.sqrt(parameters.noiseVariance + (extraNoise?.[i] ?? 0)),
  );
  const alphas: Float64Array[] = [];
  const bests: number[] = [];
  for (const z of drawAntitheticPairs(n, seed)) {
    const prior = multiplyLower(noiseless, z);
    const residual = Float64Array.from(surrogate.targets, (y, i) => y - prior[i]! - noise[i]! * random.normal());
    forwardSolveVector(factor, inputs.n, residual);
    backwardSolve(factor, inputs.n, residual);
    const alpha = Float64Array.from(z);
    backwardSolve(noiseless.factor, n, alpha);
    for (let i = 0; i < inputs.n; i++) alpha[i]! += residual[i]!;
    let most = -Infinity;
    for (let i = 0; i < n; i++) {
      if (!(i < inputs.n ? mayLead(i) : pendingMayLead(i - inputs.n))) continue;
      let f = prior[i]!;
      for (let j = 0; j < inputs.n; j++) f += covariance[i * n + j]! * residual[j]!;
      most = Math.max(most, f);
    }
    alphas.push(alpha);
    bests.push(most);
  }
  return { surrogate: noiseless, alphas, best: bests };
}

function multiplyLower({ factor: { data, stride }, inputs: { n } }: Surrogate, z: Float64Array): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let k = 0; k <= i; k++) sum += data[i * stride + k]! * z[k]!;
    return sum;
  });
}

function drawAntitheticPairs(length: number, seed: number): Float64Array[] {
  const random = createRandom(seed, 0xa27);
  return Array.from({ length: DRAWS / 2 }, () => Float64Array.from({ length }, random.normal)).flatMap((z) => [
    z,
    z.map((value) => -value),
  ]);
}
