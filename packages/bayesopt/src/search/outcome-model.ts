import { findOutlierCap } from '../gp/find-outlier-cap.ts';
import { createPriorMode, fitHyperparameters, type Fit } from '../gp/fit.ts';
import { matern52, type Kernel } from '../gp/kernel.ts';
import { toKernelParameters } from '../gp/likelihood.ts';
import { computePosterior } from '../gp/posterior.ts';
import { conditionSurrogate, type Inputs, type KernelParameters, type Surrogate } from '../gp/surrogate.ts';
import { WARP_STRENGTHS, warpOutcomes, type Outcomes } from '../gp/warp.ts';
import { logNormalCdf, normalDensity } from '../math/normal.ts';
import type { Space } from '../space/space.ts';
import type { Trials, Valued } from './history.ts';
import { selectFitRows, selectModelRows } from './select-rows.ts';
import type { Hyperparameters, ModelState } from './types.ts';
import { penalizeViolations } from './violations.ts';

/** A fitted model of the outcomes seen so far. */
export interface OutcomeModel {
  readonly surrogate: Surrogate;
  readonly outcomes: Outcomes;
  readonly state: ModelState;
  /** Observed trials: rows 0 … observed.length − 1 of the surrogate. Censored trials follow. */
  readonly observed: readonly Valued[];
}

const KERNEL: Kernel = matern52;
/** Number of passes that impute censored values from the model of the others. */
const IMPUTATIONS = 3;

/**
 * Fits hyperparameters (or reuses the recorded ones while few values are new), and conditions on the observed and the
 * censored trials.
 *
 * @param spareRows number of rows to leave for pending trials
 */
export function buildOutcomeModel(space: Space, trials: Trials, seed: number, spareRows: number): OutcomeModel {
  const ranks = trials.isConstrained ? penalizeViolations(trials.observed).map(({ value }) => value) : undefined;
  const observed = selectModelRows(trials.observed, ranks);
  const censored = trials.censored.length > 0 ? selectModelRows(trials.censored) : [];
  const state = chooseHyperparameters(space, trials, seed);
  const known = conditioned.get(trials);
  if (known?.fitted === state.fitted && known.capacity >= spareRows) return { ...known.model, state };
  const outcomes = warpOutcomes(listValues(observed), state.fitted.warp);
  const parameters = toKernelParameters(toTheta(state.fitted));
  const capacity = spareRows + MORE_ROWS;
  const surrogate = conditionOnTrials({ space, observed, censored, outcomes, parameters, spareRows: capacity });
  const model = { surrogate, outcomes, observed };
  conditioned.set(trials, { fitted: state.fitted, capacity, model });
  return { ...model, state };
}

/** Rows that are left for trials that become pending later. */
const MORE_ROWS = 16;

/**
 * The last model of each history: suggestions in a row add pending trials to one history, and share the model. It is
 * the same as a new one, because nothing else of the history changes.
 */
const conditioned = new WeakMap<
  Trials,
  { fitted: Hyperparameters; capacity: number; model: Omit<OutcomeModel, 'state'> }
>();

/** Returns the inputs of a Gaussian process at points of shape [d]. */
export function toInputs(space: Space, points: readonly Float64Array[]): Inputs {
  const d = space.axes.length;
  const x = new Float64Array(points.length * d);
  points.forEach((point, i) => x.set(point, i * d));
  return { n: points.length, d, x, categorical: Uint8Array.from(space.axes, (axis) => (axis.categorical ? 1 : 0)) };
}

/** Whether to fit again: with few values for each new one, later for each 2 % of new values. */
function isRefitDue(n: number, state: ModelState): boolean {
  return n - state.fittedTo >= Math.max(1, Math.floor(n / 50)) || n < state.fittedTo;
}

function chooseHyperparameters(space: Space, trials: Trials, seed: number): ModelState {
  const n = trials.observed.length;
  const last = trials.model;
  if (last && !isRefitDue(n, last)) return { fittedTo: last.fittedTo, fitted: last.fitted };
  const rows = selectFitRows(trials.observed);
  const values = listValues(rows);
  const mode = createPriorMode(space.axes.length);
  if (values.every((value) => value === values[0])) return { fittedTo: n, fitted: toHyperparameters(mode, 0) };
  const inputs = toInputs(space, listPoints(rows));
  const start = last?.fitted;
  const fitWarped = (warp: number, from: Float64Array): WarpedFit => {
    const { targets, logJacobian } = warpOutcomes(values, warp);
    const found = fitHyperparameters({ kernel: KERNEL, inputs, targets }, [from], seed + n);
    return { ...found, warp, score: found.logPosterior + logJacobian };
  };
  if (!start) {
    const best = WARP_STRENGTHS.map((warp) => fitWarped(warp, mode)).reduce(chooseBetter);
    return { fittedTo: n, fitted: toHyperparameters(best.theta, best.warp) };
  }
  let best = fitWarped(start.warp, toTheta(start));
  for (const warp of listRivals(n, last!.fittedTo))
    best = chooseBetter(best, fitWarped(warp, warp === best.warp ? mode : toTheta(start)));
  const fitted = toHyperparameters(best.theta, best.warp);
  return { fittedTo: n, start, fitted };
}

interface WarpedFit extends Fit {
  readonly warp: number;
  /** Log posterior of the values before the warp. */
  readonly score: number;
}

function chooseBetter(a: WarpedFit, b: WarpedFit): WarpedFit {
  return b.score > a.score ? b : a;
}

/** Growth of the number of values in which each strength of the warp is tried once: a fifth. */
const GROWTH = 1.2;

/**
 * Lists the strengths to compare with the present one at this fit. They take turns, so that no single suggestion waits
 * for the fits of all of them. The present strength has its turn too, with a fit that starts from the priors.
 */
function listRivals(n: number, before: number): number[] {
  const turns = WARP_STRENGTHS.length;
  const countTurns = (count: number): number => Math.floor((turns * Math.log(Math.max(count, 1))) / Math.log(GROWTH));
  const [first, last] = [countTurns(before), countTurns(n)];
  const passed = n < before ? turns : Math.min(last - first, turns);
  return Array.from({ length: passed }, (_, k) => WARP_STRENGTHS[(last - k) % turns]!);
}

function toHyperparameters(theta: Float64Array, warp: number): Hyperparameters {
  const d = theta.length - 2;
  return {
    logLengthscales: Array.from(theta.subarray(0, d)),
    logSignalVariance: theta[d]!,
    logNoiseVariance: theta[d + 1]!,
    warp,
  };
}

function toTheta({ logLengthscales, logSignalVariance, logNoiseVariance }: Hyperparameters): Float64Array {
  return Float64Array.from([...logLengthscales, logSignalVariance, logNoiseVariance]);
}

/** Lists the values of rows, with outliers reduced to the worst ordinary value. */
function listValues(rows: readonly Valued[]): Float64Array {
  const values = Float64Array.from(rows, (row) => row.value);
  const cap = findOutlierCap(values);
  return values.map((value) => Math.min(value, cap));
}

interface ConditioningInput {
  readonly space: Space;
  readonly observed: readonly Valued[];
  readonly censored: readonly Valued[];
  readonly outcomes: Outcomes;
  readonly parameters: KernelParameters;
  readonly spareRows: number;
}

/**
 * Conditions on observed values and, for censored trials, on their expected values given the bound, E[y | y worse than
 * bound] under the model of all other rows. If larger is better, that is μ − σ·φ(a)/Φ(a) with a = (bound − μ)/σ (Tobin
 * 1958). The truncated variance is added as noise of that row.
 */
function conditionOnTrials({
  space,
  observed,
  censored,
  outcomes,
  parameters,
  spareRows,
}: ConditioningInput): Surrogate {
  const condition = (inputs: Inputs, targets: Float64Array, extraNoise?: Float64Array): Surrogate =>
    conditionSurrogate({ kernel: KERNEL, parameters, inputs, targets, extraNoise }, inputs.n + spareRows);
  const known = toInputs(space, listPoints(observed));
  let surrogate = condition(known, outcomes.targets);
  if (censored.length === 0) return surrogate;
  const hidden = toInputs(space, listPoints(censored));
  const all = toInputs(space, listPoints([...observed, ...censored]));
  const cap = findOutlierCap(Float64Array.from(observed, (row) => row.value));
  for (let pass = 0; pass < IMPUTATIONS; pass++) {
    const { mean, variance } = computePosterior(surrogate, hidden.x);
    const targets = new Float64Array(all.n);
    const extraNoise = new Float64Array(all.n);
    targets.set(outcomes.targets);
    censored.forEach((row, i) => {
      const imputed = truncateNormal(mean[i]!, Math.sqrt(variance[i]!), outcomes.forward(Math.min(row.value, cap)));
      targets[known.n + i] = imputed.mean;
      extraNoise[known.n + i] = imputed.variance;
    });
    surrogate = condition(all, targets, extraNoise);
  }
  return surrogate;
}

function listPoints(rows: readonly Valued[]): Float64Array[] {
  return rows.map((row) => row.x);
}

/**
 * Distance between bound and mean, in standard deviations, from which truncation is exact: either it has no effect, or
 * only the bound itself remains. The formula would round, or multiply infinity by 0.
 */
const FAR = 1e6;

/** Returns mean and variance of N(mean, sigma²) given that it is at most `bound`. */
export function truncateNormal(mean: number, sigma: number, bound: number): { mean: number; variance: number } {
  const a = (bound - mean) / sigma;
  if (Math.abs(a) > FAR) return a > 0 ? { mean, variance: sigma * sigma } : { mean: bound, variance: 0 };
  // φ(a)/Φ(a); for a far below 0 it approaches −a.
  const ratio = a > -1 ? normalDensity(a) / Math.exp(logNormalCdf(a).value) : logNormalCdf(a).slope;
  return {
    mean: Math.min(bound, mean - sigma * ratio),
    variance: Math.max(0, sigma * sigma * (1 - ratio * (a + ratio))),
  };
}
