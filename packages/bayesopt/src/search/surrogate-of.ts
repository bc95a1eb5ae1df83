import { logNormalCdf, normalDensity } from '../acquisition/normal.ts';
import { fit, priorMode, type Fit } from '../gp/fit.ts';
import { parametersOf } from '../gp/likelihood.ts';
import { posterior } from '../gp/posterior.ts';
import { condition, type Inputs, type Surrogate } from '../gp/surrogate.ts';
import { WARP_STRENGTHS, warpOutcomes, type Outcomes } from '../gp/warp.ts';
import { matern52, type Kernel } from '../kernels/kernel.ts';
import type { Space } from '../space/space.ts';
import type { Trials, Valued } from './history.ts';
import { fittingRows, modelRows } from './subset.ts';
import type { Hyperparameters, ModelState } from './types.ts';

/** A fitted model of the outcomes seen so far. */
export interface OutcomeModel {
  readonly surrogate: Surrogate;
  readonly outcomes: Outcomes;
  readonly state: ModelState;
  /** Observed trials that are rows 0 … observed.length − 1 of the surrogate; censored ones follow. */
  readonly observed: readonly Valued[];
}

const KERNEL: Kernel = matern52;
/** Passes of imputing censored values from the model of the others. */
const IMPUTATIONS = 3;

/**
 * Fits hyperparameters (or takes over the recorded ones while few values are new), and conditions on the observed and
 * the censored trials.
 *
 * @param room rows to leave for pending trials
 */
export function modelOf(space: Space, trials: Trials, seed: number, room: number): OutcomeModel {
  const observed = modelRows(trials.observed);
  const censored = trials.censored.length > 0 ? modelRows(trials.censored) : [];
  const state = hyperparametersOf(space, trials, seed);
  const outcomes = warpOutcomes(valuesOf(observed), state.fitted.warp);
  const parameters = parametersOf(thetaOf(state.fitted));
  const surrogate = withCensored(space, observed, censored, outcomes, (inputs, targets, extra) =>
    condition(KERNEL, parameters, inputs, targets, extra, inputs.n + room),
  );
  return { surrogate, outcomes, state, observed };
}

export function inputsOf(space: Space, points: readonly Float64Array[]): Inputs {
  const d = space.axes.length;
  const x = new Float64Array(points.length * d);
  points.forEach((point, i) => x.set(point, i * d));
  return { n: points.length, d, x, categorical: Uint8Array.from(space.axes, (axis) => (axis.categorical ? 1 : 0)) };
}

/** A refit is due for each new value at first, later for every fiftieth part of them. */
function refitDue(n: number, state: ModelState): boolean {
  return n - state.fittedTo >= Math.max(1, Math.floor(n / 50)) || n < state.fittedTo;
}

function hyperparametersOf(space: Space, trials: Trials, seed: number): ModelState {
  const n = trials.observed.length;
  const last = trials.model;
  if (last && !refitDue(n, last)) return { fittedTo: last.fittedTo, fitted: last.fitted };
  const rows = fittingRows(trials.observed);
  const values = valuesOf(rows);
  const start = last?.fitted;
  if (values.every((value) => value === values[0]))
    return { fittedTo: n, fitted: hyperparameters(priorMode(space.axes.length), 0) };
  const inputs = inputsOf(
    space,
    rows.map((row) => row.x),
  );
  const strengths = start && !warpDue(n, last.fittedTo) ? [start.warp] : WARP_STRENGTHS;
  let best: (Fit & { warp: number; score: number }) | undefined;
  for (const warp of strengths) {
    const { targets, logJacobian } = warpOutcomes(values, warp);
    const starts = [priorMode(space.axes.length)];
    if (start) starts.unshift(thetaOf(start));
    const found = fit(
      { kernel: KERNEL, inputs, targets },
      start && strengths.length === 1 ? starts.slice(0, 1) : starts,
      seed + n,
    );
    const score = found.logPosterior + logJacobian;
    if (!best || score > best.score) best = { ...found, warp, score };
  }
  return { fittedTo: n, ...(start && { start }), fitted: hyperparameters(best!.theta, best!.warp) };
}

/**
 * The warp is chosen again, and the fit started from the priors too, each time the number of values has grown by about
 * a fifth.
 */
function warpDue(n: number, before: number): boolean {
  const stage = (count: number): number => Math.floor(Math.log(Math.max(count, 1)) / Math.log(1.2));
  return stage(n) !== stage(before);
}

function hyperparameters(theta: Float64Array, warp: number): Hyperparameters {
  const d = theta.length - 2;
  return {
    logLengthscales: Array.from(theta.subarray(0, d)),
    logSignalVariance: theta[d]!,
    logNoiseVariance: theta[d + 1]!,
    warp,
  };
}

export function thetaOf({ logLengthscales, logSignalVariance, logNoiseVariance }: Hyperparameters): Float64Array {
  return Float64Array.from([...logLengthscales, logSignalVariance, logNoiseVariance]);
}

function valuesOf(rows: readonly Valued[]): Float64Array {
  return Float64Array.from(rows, (row) => row.value);
}

/**
 * Conditions on observed values and, for censored trials, on their expected values given the bound, E[y | y worse than
 * bound] under the model of all other rows: μ − σ·φ(a)/Φ(a) with a = (bound − μ)/σ when larger is better (Tobin 1958).
 * The truncated variance is added as noise of that row.
 */
function withCensored(
  space: Space,
  observed: readonly Valued[],
  censored: readonly Valued[],
  outcomes: Outcomes,
  conditionOn: (inputs: Inputs, targets: Float64Array, extraNoise?: Float64Array) => Surrogate,
): Surrogate {
  const known = inputsOf(
    space,
    observed.map((row) => row.x),
  );
  let surrogate = conditionOn(known, outcomes.targets);
  if (censored.length === 0) return surrogate;
  const hidden = inputsOf(
    space,
    censored.map((row) => row.x),
  );
  const all = inputsOf(
    space,
    [...observed, ...censored].map((row) => row.x),
  );
  for (let pass = 0; pass < IMPUTATIONS; pass++) {
    const { mean, variance } = posterior(surrogate, hidden.x);
    const targets = new Float64Array(all.n);
    const extra = new Float64Array(all.n);
    targets.set(outcomes.targets);
    censored.forEach((row, i) => {
      const imputed = truncatedBelow(mean[i]!, Math.sqrt(variance[i]!), outcomes.forward(row.value));
      targets[known.n + i] = imputed.mean;
      extra[known.n + i] = imputed.variance;
    });
    surrogate = conditionOn(all, targets, extra);
  }
  return surrogate;
}

/**
 * Deviations from the mean past which a bound leaves all or, but for itself, nothing: in between there is only
 * rounding, and infinity times 0.
 */
const FAR = 1e6;

/** Mean and variance of N(mean, sigma²) given that it is at most `bound`. */
export function truncatedBelow(mean: number, sigma: number, bound: number): { mean: number; variance: number } {
  const a = (bound - mean) / sigma;
  if (Math.abs(a) > FAR) return a > 0 ? { mean, variance: sigma * sigma } : { mean: bound, variance: 0 };
  // φ(a)/Φ(a); for a far below 0 it approaches −a.
  const ratio = a > -1 ? normalDensity(a) / Math.exp(logNormalCdf(a).value) : logNormalCdf(a).slope;
  return {
    mean: Math.min(bound, mean - sigma * ratio),
    variance: Math.max(0, sigma * sigma * (1 - ratio * (a + ratio))),
  };
}
