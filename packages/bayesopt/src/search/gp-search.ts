import { maximise, type SearchPlan } from '../acquisition/maximise.ts';
import { logFeasibility, scenarioImprovement, type Acquisition } from '../acquisition/scenario-ei.ts';
import { condition } from '../gp/surrogate.ts';
import { matern52 } from '../kernels/kernel.ts';
import { createRandom, hashWords } from '../random/random.ts';
import type { Point } from '../space/definition.ts';
import type { Space } from '../space/space.ts';
import { randomPoint } from './designs.ts';
import type { Trials } from './history.ts';
import { fantasies, noiselessDraws } from './scenarios.ts';
import { inputsOf, modelOf, type OutcomeModel } from './surrogate-of.ts';
import { sideLength, TRUST_REGION_FROM, trustRegion, type Box } from './trust-region.ts';
import type { ModelState, SearchSettings } from './types.ts';

/**
 * Fitted noise variance (of the standardised outcome) from which an objective counts as noisy when the settings do not
 * say.
 */
const NOISY_FROM = 0.01;
/** Good points to search around. */
const ANCHORS = 4;

/** The point of largest acquisition that has not been seen; undefined when the space is exhausted. */
export function gpPoint(
  space: Space,
  trials: Trials,
  settings: SearchSettings,
  number: number,
): { point: Point; model: ModelState } | undefined {
  const seed = hashWords([settings.seed, number, 0x6b])();
  const pending = flatten(trials.pending, space.axes.length);
  const model = modelOf(space, trials, seed, trials.pending.length);
  const acquisition = improvementOf(model, settings, pending, seed, feasibilityOf(space, trials, model));
  const candidates = maximise(acquisition, planOf(space, model, regionOf(space, trials, settings, model), seed));
  for (const { x } of candidates) {
    const point = space.decode(x);
    if (!trials.seen.has(space.key(point))) return { point, model: model.state };
  }
  const point = randomPoint(space, trials.seen, settings.seed, number);
  return point && { point, model: model.state };
}

function improvementOf(
  { surrogate, observed }: OutcomeModel,
  { noisy }: SearchSettings,
  pending: Float64Array,
  seed: number,
  feasibility?: Acquisition,
): Acquisition {
  const treatAsNoisy = noisy ?? surrogate.parameters.noiseVariance > NOISY_FROM;
  if (treatAsNoisy) return scenarioImprovement(noiselessDraws(surrogate, observed.length, pending, seed), feasibility);
  // The larger of the best value and the best posterior mean at an observed point, y − σₙ²·α.
  const noise = surrogate.parameters.noiseVariance + surrogate.jitter;
  const best = surrogate.targets
    .subarray(0, observed.length)
    .reduce((most, y, i) => Math.max(most, y, y - noise * surrogate.alpha[i]!), -Infinity);
  return scenarioImprovement(fantasies(surrogate, best, pending, seed), feasibility);
}

/** Learned from trials that failed or diverged, with the outcome model's lengthscales; undefined when there are none. */
function feasibilityOf(space: Space, trials: Trials, { surrogate }: OutcomeModel): Acquisition | undefined {
  const bad = [...trials.failed, ...trials.observed.filter((row) => row.diverged).map((row) => row.x)];
  if (bad.length === 0) return undefined;
  const good = [...trials.observed.filter((row) => !row.diverged), ...trials.censored].map((row) => row.x);
  const points = [...bad.slice(-150), ...good.slice(-250)];
  const labels = Float64Array.from(points, (_, i) => (i < Math.min(bad.length, 150) ? -3 : 0));
  const lengthscales = surrogate.parameters.lengthscales.map((lengthscale) => Math.min(lengthscale, 0.25));
  const process = condition(
    matern52,
    { lengthscales, signalVariance: 1, noiseVariance: 0.01 },
    inputsOf(space, points),
    labels,
  );
  return logFeasibility(process, 1);
}

/** Where to look: the whole cube, or with many dimensions a box around the best point. Axes without order stay whole. */
function regionOf(space: Space, { observed }: Trials, { initial }: SearchSettings, { surrogate }: OutcomeModel): Box {
  const d = space.axes.length;
  const cube = { lower: new Float64Array(d), upper: new Float64Array(d).fill(1) };
  if (d < TRUST_REGION_FROM) return cube;
  const best = observed.reduce((least, row) => (row.value < least.value ? row : least));
  const { lower, upper } = trustRegion(best.x, sideLength(observed, initial, d), surrogate.parameters.lengthscales);
  space.axes.forEach(({ categorical }, a) => {
    if (categorical) [lower[a], upper[a]] = [0, 1];
  });
  return { lower, upper };
}

function planOf(space: Space, { surrogate, observed }: OutcomeModel, { lower, upper }: Box, seed: number): SearchPlan {
  const ranked = [...observed].sort((a, b) => a.value - b.value || a.number - b.number);
  return {
    axes: space.axes,
    lower,
    upper,
    lengthscales: surrogate.parameters.lengthscales,
    anchors: ranked.slice(0, ANCHORS).map((row) => row.x),
    spread: 512,
    local: 64,
    climbs: 6,
    random: createRandom(seed, 0x10ca1),
    seed,
  };
}

function flatten(points: readonly Float64Array[], d: number): Float64Array {
  const flat = new Float64Array(points.length * d);
  points.forEach((point, i) => flat.set(point, i * d));
  return flat;
}
