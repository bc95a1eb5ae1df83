import { CAUTION } from '../acquisition/feasibility.ts';
import { createHypervolumeImprovement } from '../acquisition/hypervolume-improvement.ts';
import { maximizeAcquisition } from '../acquisition/maximize-acquisition.ts';
import type { Acquisition } from '../acquisition/scenario-improvement.ts';
import { sumAcquisitions } from '../acquisition/sum-acquisitions.ts';
import { computePosterior } from '../gp/posterior.ts';
import { compareCrowding, findFront, measureCrowding, type Outcome, thinFront } from '../pareto/front.ts';
import { createRandom, hashWords } from '../random/random.ts';
import type { Point } from '../space/definition.ts';
import type { Space } from '../space/space.ts';
import { buildConstraintModel } from './build-constraint-model.ts';
import { buildFeasibility } from './build-feasibility.ts';
import { drawRandomPoint, isNew } from './designs.ts';
import type { Trials, Valued } from './history.ts';
import { toInputs } from './outcome-model.ts';
import { buildPlainModel, type Measured, type PlainModel } from './plain-model.ts';
import { rankRows } from './rank-rows.ts';
import { selectFitRows, selectModelRows } from './select-rows.ts';
import type { ObjectiveGoal, SearchSettings } from './types.ts';
import { isFeasible, measureViolations } from './violations.ts';

/** Number of points of the front to search around. */
const ANCHORS = 4;
/** Number of points of the front that are improved on; it limits the number of boxes and so the time. */
const FRONT_POINTS = 100;

/**
 * Suggests the point of largest expected hypervolume improvement, with a Gaussian process for each objective. Outcomes
 * are not warped, so that volumes are those of the metrics. Pending trials count with their expected values.
 */
export function suggestParetoPoint(
  space: Space,
  trials: Trials,
  settings: SearchSettings,
  number: number,
): Point | undefined {
  const goals = settings.objectives!;
  const seed = hashWords([settings.seed, number, 0x9a7])();
  const rows = selectRows(trials.observed);
  const models = goals.map((_, m) => buildObjectiveModel(space, trials, rows, { m, seed: seed + m }));
  const limits = trials.isConstrained ? buildConstraintModel(space, trials, seed) : undefined;
  const factors = [buildFeasibility(space, trials, CAUTION), limits].filter((each) => each !== undefined);
  const front = selectFront(trials);
  const improvement = front.length > 0 && createImprovement({ space, models, front, pending: trials.pending, goals });
  const acquisition = sumAcquisitions(improvement ? [improvement, ...factors] : factors);
  const lengthscales = models
    .map(({ surrogate }) => surrogate.parameters.lengthscales)
    .reduce((least, other) => least.map((value, a) => Math.min(value, other[a]!)));
  const candidates = maximizeAcquisition(acquisition, {
    space,
    lower: new Float64Array(space.axes.length),
    upper: new Float64Array(space.axes.length).fill(1),
    lengthscales,
    anchors: (front.length > 0 ? chooseSpread(front) : findNearest(trials.observed)).map(({ x }) => x),
    spread: 512,
    local: 64,
    climbs: 6,
    random: createRandom(seed, 0x10ca1),
    seed,
  });
  for (const { x } of candidates) {
    const point = space.decode(x);
    if (isNew(space, trials.seen, point)) return point;
  }
  return drawRandomPoint(space, trials.seen, settings.seed, number);
}

/** Selects the feasible trials of the front; of a large one, some that are spread over it. */
export function selectFront({ observed, isConstrained }: Pick<Trials, 'observed' | 'isConstrained'>): Valued[] {
  const feasible = isConstrained ? observed.filter(isFeasible) : observed;
  const front = findFront(feasible.map(({ objectives }) => objectives!)).map((i) => feasible[i]!);
  const outcomes = front.map(({ objectives }) => objectives!);
  return thinFront(outcomes, FRONT_POINTS).map((i) => front[i]!);
}

/** The trials that the models of all objectives are conditioned on, and those that they are fitted to. */
interface ModelRows {
  readonly known: readonly Valued[];
  readonly fitted: readonly Valued[];
}

function selectRows(observed: readonly Valued[]): ModelRows {
  const ranks = rankRows(observed);
  return { known: selectModelRows(observed, ranks), fitted: selectFitRows(observed, ranks) };
}

/** Fits the model of objective `m`. Values far beyond the others are reduced. Larger is better. */
function buildObjectiveModel(
  space: Space,
  { pending }: Trials,
  { known, fitted }: ModelRows,
  { m, seed }: { m: number; seed: number },
): PlainModel {
  const measure = (rows: readonly Valued[]): Measured => ({
    points: rows.map(({ x }) => x),
    values: limitValues(Float64Array.from(rows, ({ objectives }) => -objectives![m]!)),
  });
  return buildPlainModel(space, { known: measure(known), fitted: measure(fitted) }, pending, seed);
}

/** Distance from the median, in quartile ranges, beyond which a bad value counts as being there. */
const FAR = 10;

function limitValues(values: Float64Array): Float64Array {
  const sorted = values.toSorted();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  const range = at(0.75) - at(0.25);
  const least = at(0.5) - FAR * range;
  return range > 0 && Number.isFinite(least) ? values.map((value) => Math.max(value, least)) : values;
}

interface ImprovementInput {
  readonly space: Space;
  readonly models: readonly PlainModel[];
  readonly front: readonly Valued[];
  readonly pending: readonly Float64Array[];
  readonly goals: readonly ObjectiveGoal[];
}

/** The front that is improved on has the posterior means of its points: with noise, no lucky value stays on it. */
function createImprovement({ space, models, front, pending, goals }: ImprovementInput): Acquisition {
  const { x } = toInputs(space, [...front.map((row) => row.x), ...pending]);
  const surrogates = models.map(({ surrogate }) => surrogate);
  const means = surrogates.map((surrogate) => computePosterior(surrogate, x).mean);
  const outcomes = Array.from({ length: means[0]!.length }, (_, i): Outcome => means.map((mean) => -mean[i]!));
  const reference = goals.map((goal, m) => chooseReference(goal, models[m]!, surrogates[m]!.inputs.n - pending.length));
  return createHypervolumeImprovement(surrogates, outcomes, reference);
}

/**
 * Returns the reference in the units of the model, smaller is better: that of the goal, or a tenth of the range of all
 * observed values beyond the worst one. One close to the front would leave its ends without any improvement, so that it
 * never grows.
 */
function chooseReference(
  { direction, reference }: ObjectiveGoal,
  { surrogate, mean, deviation }: PlainModel,
  observed: number,
): number {
  if (reference !== undefined) return ((direction === 'maximize' ? -reference : reference) + mean) / deviation;
  const targets = surrogate.targets.subarray(0, observed);
  const low = targets.reduce((least, value) => Math.min(least, value), Infinity);
  const high = targets.reduce((most, value) => Math.max(most, value), -Infinity);
  return -low + 0.1 * (high - low || 1);
}

/** Chooses points of the front with the most space around them. */
function chooseSpread(front: readonly Valued[]): Valued[] {
  const crowding = measureCrowding(front.map(({ objectives }) => objectives!));
  const order = [...front.keys()].sort((i, j) => compareCrowding(crowding[i]!, crowding[j]!) || i - j);
  return order.slice(0, ANCHORS).map((i) => front[i]!);
}

function findNearest(observed: readonly Valued[]): Valued[] {
  const violations = measureViolations(observed);
  const order = [...observed.keys()].sort((i, j) => violations[i]! - violations[j]! || i - j);
  return order.slice(0, ANCHORS).map((i) => observed[i]!);
}
