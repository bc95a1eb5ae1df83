import type { Scenarios } from '../acquisition/scenario-improvement.ts';
import {
  appendRows,
  computeCovariance,
  conditionSurrogate,
  evaluatePairValues,
  type Surrogate,
} from '../gp/surrogate.ts';
import { backwardSolveRows, forwardSolve, forwardSolveVector } from '../math/cholesky.ts';
import { addProducts } from '../math/products.ts';
import { dotRow } from '../math/row-sums.ts';
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
  if (count === 0) return { surrogate, alphas: surrogate.alpha, best: [best] };
  const before = surrogate.inputs.n;
  const n = before + count;
  const padded = new Float64Array(n);
  padded.set(surrogate.targets);
  const grown = appendRows(surrogate, pending, padded);
  const known = Float64Array.from(surrogate.targets);
  forwardSolveVector(grown.factor, before, known);
  const draws = drawAntitheticPairs(count, seed);
  const alphas = new Float64Array(draws.length * n);
  draws.forEach((z, j) => {
    alphas.set(known, j * n);
    alphas.set(z, j * n + before);
  });
  backwardSolveRows(grown.factor, n, { data: alphas, stride: n }, draws.length);
  const { data, stride } = grown.factor;
  const shared = Float64Array.from({ length: count }, (_, i) => dotRow(data, (before + i) * stride, known));
  const bests = draws.map((z) => {
    let most = best;
    for (let i = 0; i < count; i++) {
      if (!mayLead(i)) continue;
      const row = (before + i) * stride + before;
      let y = shared[i]!;
      for (let k = 0; k <= i; k++) y += data[row + k]! * z[k]!;
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
  const prior = { kernel, parameters: quiet, inputs: { n, d, x, categorical } };
  const pairs = evaluatePairValues(prior);
  const noiseless = conditionSurrogate({ ...prior, pairs, targets });
  const covariance = computeCovariance({ ...prior, pairs });
  const random = createRandom(seed, 0x0e1);
  // The noise of each row in the factor: a censored row has more than the others.
  const noise = Float64Array.from(surrogate.targets, (_, i) =>
    Math.sqrt(parameters.noiseVariance + (extraNoise?.[i] ?? 0)),
  );
  const alphas = joinRows(drawAntitheticPairs(n, seed), n);
  // Each row holds a draw f̃ of the prior first, and then of the posterior.
  const draws = new Float64Array(DRAWS * n);
  // Entries after the diagonal of the factor are 0 and change no sum.
  addProducts({ ...noiseless.factor, rows: n }, { data: alphas, stride: n, rows: DRAWS }, n, draws);
  const residuals = new Float64Array(DRAWS * inputs.n);
  for (let r = 0; r < DRAWS; r++) {
    for (let i = 0; i < inputs.n; i++) {
      residuals[r * inputs.n + i] = surrogate.targets[i]! - draws[r * n + i]! - noise[i]! * random.normal();
    }
  }
  const rows = { data: residuals, stride: inputs.n, rows: DRAWS };
  forwardSolve(factor, inputs.n, rows, DRAWS);
  backwardSolveRows(factor, inputs.n, rows, DRAWS);
  backwardSolveRows(noiseless.factor, n, { data: alphas, stride: n }, DRAWS);
  for (let r = 0; r < DRAWS; r++) {
    for (let i = 0; i < inputs.n; i++) alphas[r * n + i]! += residuals[r * inputs.n + i]!;
  }
  addProducts({ data: covariance, stride: n, rows: n }, rows, inputs.n, draws);
  const leads = Array.from({ length: n }, (_, i) => (i < inputs.n ? mayLead(i) : pendingMayLead(i - inputs.n)));
  const best = Array.from({ length: DRAWS }, (_, r) => {
    let most = -Infinity;
    for (let i = 0; i < n; i++) if (leads[i]) most = Math.max(most, draws[r * n + i]!);
    return most;
  });
  return { surrogate: noiseless, alphas, best };
}

/** Returns the rows one after the other; each has n entries. */
function joinRows(rows: readonly Float64Array[], n: number): Float64Array {
  const joined = new Float64Array(rows.length * n);
  rows.forEach((row, r) => joined.set(row, r * n));
  return joined;
}

function drawAntitheticPairs(length: number, seed: number): Float64Array[] {
  const random = createRandom(seed, 0xa27);
  return Array.from({ length: DRAWS / 2 }, () => Float64Array.from({ length }, random.normal)).flatMap((z) => [
    z,
    z.map((value) => -value),
  ]);
}
