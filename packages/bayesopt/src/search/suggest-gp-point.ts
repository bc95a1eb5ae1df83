import { CAUTION } from '../acquisition/feasibility.ts';
import { maximizeAcquisition, type Candidate, type SearchPlan } from '../acquisition/maximize-acquisition.ts';
import { createScenarioImprovement, type Acquisition } from '../acquisition/scenario-improvement.ts';
import { sumAcquisitions } from '../acquisition/sum-acquisitions.ts';
import { createRandom, hashWords } from '../random/random.ts';
import type { Point } from '../space/definition.ts';
import type { Space } from '../space/space.ts';
import { buildConstraintModel } from './build-constraint-model.ts';
import { buildFeasibility } from './build-feasibility.ts';
import { drawRandomPoint, isNew } from './designs.ts';
import type { Trials, Valued } from './history.ts';
import { buildOutcomeModel, type OutcomeModel } from './outcome-model.ts';
import { createFantasies, createNoiselessScenarios, type PendingPoints } from './scenarios.ts';
import { computeSideLength, createTrustRegion, TRUST_REGION_FROM, type Box } from './trust-region.ts';
import type { ModelState, Outlook, SearchSettings } from './types.ts';
import { isFeasible, penalizeViolations } from './violations.ts';

/** Fitted noise variance (of the standardized outcome) from which an objective counts as noisy by default. */
const NOISY_FROM = 0.01;
/** Number of good points to search around. */
const ANCHORS = 4;

/** Suggests the point of largest acquisition that is not in the history; undefined if the space is exhausted. */
export function suggestGpPoint(
  space: Space,
  trials: Trials,
  settings: SearchSettings,
  number: number,
): { point: Point; model: ModelState; outlook: Outlook } | undefined {
  const seed = hashWords([settings.seed, number, 0x6b])();
  const model = buildOutcomeModel(space, trials, seed, trials.pending.length);
  const feasibility = buildFeasibility(space, trials, CAUTION);
  const limits = trials.isConstrained ? buildConstraintModel(space, trials, seed) : undefined;
  const known = [feasibility, limits].filter((each) => each !== undefined);
  const ranked = trials.isConstrained ? penalizeViolations(trials.observed) : trials.observed;
  const isAnyFeasible = !trials.isConstrained || model.observed.some(isFeasible);
  const region = chooseRegion(space, ranked, settings, model);
  const plan = planSearch(space, { model, ranked }, region, seed);
  const incumbents = findIncumbents(model, trials, limits);
  // While no feasible trial is known, there is nothing to improve on: a feasible one is searched (Gelbart et al. 2014).
  const acquisition = isAnyFeasible
    ? createScenarioImprovement(createScenarios(model, settings, incumbents, seed), sumIfAny(known))
    : sumAcquisitions(known);
  const candidates = maximizeAcquisition(acquisition, plan);
  const improvement = isAnyFeasible ? findBestImprovement(space, candidates) : Infinity;
  const outlook = describeOutlook(model, incumbents, improvement);
  for (const { x } of candidates) {
    const point = space.decode(x);
    if (isNew(space, trials.seen, point)) return { point, model: model.state, outlook };
  }
  const point = drawRandomPoint(space, trials.seen, settings.seed, number);
  return point && { point, model: model.state, outlook };
}

/** Returns the largest acquisition. If constraints exclude all candidates it is not known, and counts as infinite. */
function findBestImprovement({ isConstrained }: Space, [best]: readonly Candidate[]): number {
  return isConstrained && best!.value === -Infinity ? Infinity : best!.value;
}

/**
 * Returns the expected improvement and the noise in the units of the metric, at the best observed value: the outcome
 * warp is close to linear there.
 *
 * @param logImprovement maximum of the acquisition
 */
function describeOutlook(
  { surrogate, outcomes, observed }: OutcomeModel,
  { mayLead }: Incumbents,
  logImprovement: number,
): Outlook {
  const best = surrogate.targets
    .subarray(0, observed.length)
    .reduce((most, y, i) => (mayLead(i) ? Math.max(most, y) : most), -Infinity);
  // Beyond the best value, the warp continues with the slope there.
  const measure = (step: number): number => {
    const length = Math.abs(outcomes.inverse(best) - outcomes.inverse(best + step));
    return Number.isFinite(length) ? length : Number.MAX_VALUE;
  };
  const { noiseVariance } = surrogate.parameters;
  return { improvement: measure(Math.exp(logImprovement)), noise: measure(Math.sqrt(noiseVariance)) };
}

/** Which trials may be the one to improve on: with measured constraints, only feasible ones. */
interface Incumbents {
  readonly mayLead: (row: number) => boolean;
  readonly pending: PendingPoints;
}

/** Finds the observed rows that may lead; censored ones never do. Of pending trials, those that are likely feasible. */
function findIncumbents({ surrogate, observed }: OutcomeModel, trials: Trials, limits?: Acquisition): Incumbents {
  const pending = flattenPoints(trials.pending, surrogate.inputs.d);
  const likely = limits && pending.length > 0 ? limits.evaluate(pending) : undefined;
  const leads = (row: Valued): boolean => !trials.isConstrained || isFeasible(row);
  return {
    mayLead: (row) => row < observed.length && leads(observed[row]!),
    pending: { pending, mayLead: (i) => !likely || likely[i]! > Math.log(0.5) },
  };
}

function sumIfAny(parts: readonly Acquisition[]): Acquisition | undefined {
  return parts.length > 0 ? sumAcquisitions(parts) : undefined;
}

function createScenarios(
  { surrogate, observed }: OutcomeModel,
  { noisy }: SearchSettings,
  { mayLead, pending }: Incumbents,
  seed: number,
): ReturnType<typeof createFantasies> {
  const isNoisy = noisy ?? surrogate.parameters.noiseVariance > NOISY_FROM;
  if (isNoisy) return createNoiselessScenarios(surrogate, mayLead, pending, seed);
  // The larger of the best value and the best posterior mean at an observed point, y − σₙ²·α.
  const noise = surrogate.parameters.noiseVariance + surrogate.jitter;
  const best = surrogate.targets
    .subarray(0, observed.length)
    .reduce((most, y, i) => (mayLead(i) ? Math.max(most, y, y - noise * surrogate.alpha[i]!) : most), -Infinity);
  return createFantasies(surrogate, best, pending, seed);
}

/**
 * Chooses where to search: the whole cube, or with many dimensions a box around the best point. Axes without order and
 * those that the best point has no value for stay whole.
 */
function chooseRegion(
  space: Space,
  observed: readonly Valued[],
  { initial }: SearchSettings,
  { surrogate }: OutcomeModel,
): Box {
  const d = space.axes.length;
  const cube = { lower: new Float64Array(d), upper: new Float64Array(d).fill(1) };
  if (d < TRUST_REGION_FROM) return cube;
  const best = observed.reduce((least, row) => (row.value < least.value ? row : least));
  const side = computeSideLength(observed, initial, d);
  const { lower, upper } = createTrustRegion(best.x, side, surrogate.parameters.lengthscales);
  const active = space.findActive(best.x);
  space.axes.forEach(({ categorical }, a) => {
    if (categorical || !active[a]) [lower[a], upper[a]] = [0, 1];
  });
  return { lower, upper };
}

function planSearch(
  space: Space,
  { model: { surrogate }, ranked: rows }: { model: OutcomeModel; ranked: readonly Valued[] },
  { lower, upper }: Box,
  seed: number,
): SearchPlan {
  const ranked = [...rows].sort((a, b) => a.value - b.value || a.number - b.number);
  return {
    space,
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

function flattenPoints(points: readonly Float64Array[], d: number): Float64Array {
  const flat = new Float64Array(points.length * d);
  points.forEach((point, i) => flat.set(point, i * d));
  return flat;
}
