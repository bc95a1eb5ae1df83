import { factorRows, forwardSolveVector } from '../math/cholesky.ts';
import type { Matrix } from '../math/matrix.ts';
import { createRandom } from '../random/random.ts';
import type { Valued } from './history.ts';

/** The distribution N(m, σ²·C) of CMA-ES; symbols as in Hansen 2016, "The CMA evolution strategy: a tutorial". */
export interface Distribution {
  /** m, shape [d]. */
  readonly mean: Float64Array;
  /** σ. */
  readonly step: number;
  /** A with A·Aᵀ = C, lower triangle. */
  readonly factor: Matrix;
  /** λ: number of values from which the next distribution is computed. */
  readonly population: number;
}

interface State extends Distribution {
  /** C, both triangles, shape [d, d]. */
  readonly covariance: Float64Array;
  readonly stepPath: Float64Array;
  readonly covariancePath: Float64Array;
  /** Number of updates since the last restart. */
  readonly updates: number;
  readonly restarts: number;
  /** The best value of each of the last updates. */
  readonly recent: readonly number[];
}

/** Step size of the first distribution, in the unit cube. */
const FIRST_STEP = 0.3;

/**
 * Computes the distribution of the next points from all values so far: λ of them at a time, in order of number, which
 * is in a search without parallel trials a generation. Nothing else is kept between suggestions. Points that were not
 * drawn from the distribution of their update (because others were pending, or a client chose them) are used as
 * injected solutions: their distance from the mean is limited (Hansen 2011, "Injecting external solutions into
 * CMA-ES").
 *
 * When a search stagnates, it restarts from a random mean with twice the population (Auger & Hansen 2005, IPOP).
 */
export function computeDistribution(rows: readonly Valued[], d: number, seed: number): Distribution {
  let state = createState(d, new Float64Array(d).fill(0.5), chooseLeastPopulation(d), 0);
  let rates = computeRates(d, state.population);
  for (let from = 0; from + state.population <= rows.length;) {
    const batch = rows.slice(from, from + state.population);
    from += batch.length;
    const next = updateState(state, rates, batch);
    if (next && !isStagnant(next)) {
      state = next;
      continue;
    }
    state = restart(state, d, seed);
    rates = computeRates(d, state.population);
  }
  return state;
}

/** λ of the first start: 4 + ⌊3 ln d⌋. */
function chooseLeastPopulation(d: number): number {
  return 4 + Math.floor(3 * Math.log(d));
}

function createState(d: number, mean: Float64Array, population: number, restarts: number): State {
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < d; i++) covariance[i * d + i] = 1;
  return {
    mean,
    step: FIRST_STEP,
    factor: { data: covariance.slice(), stride: d },
    population,
    covariance,
    stepPath: new Float64Array(d),
    covariancePath: new Float64Array(d),
    updates: 0,
    restarts,
    recent: [],
  };
}

function restart({ population, restarts }: State, d: number, seed: number): State {
  const random = createRandom(seed, restarts, 0xc3a);
  return createState(d, Float64Array.from({ length: d }, random.uniform), 2 * population, restarts + 1);
}

/** Steps and ranges of values below which a search counts as stagnant, as in the tutorial, appendix B.3. */
const LEAST_STEP = 1e-11;
const LEAST_RANGE = 1e-12;

function isStagnant({ step, covariance, population, recent, mean: { length: d } }: State): boolean {
  const window = 10 + Math.ceil((30 * d) / population);
  const last = recent.slice(-window);
  const isFlat = last.length === window && Math.max(...last) - Math.min(...last) < LEAST_RANGE;
  let widest = 0;
  for (let i = 0; i < d; i++) widest = Math.max(widest, covariance[i * d + i]!);
  return isFlat || step * Math.sqrt(widest) < LEAST_STEP;
}

/** Weights of an update and its learning rates: table 1 of the tutorial. */
interface Rates {
  /** Shape [λ]; those of the worse half are negative. */
  readonly weights: Float64Array;
  /** Number of positive weights. */
  readonly parents: number;
  readonly muEff: number;
  readonly stepDecay: number;
  readonly damping: number;
  readonly pathDecay: number;
  readonly rankOne: number;
  readonly rankMu: number;
}

function computeRates(d: number, population: number): Rates {
  const parents = Math.floor(population / 2);
  const raw = Float64Array.from({ length: population }, (_, i) => Math.log((population + 1) / 2) - Math.log(i + 1));
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  const measureMass = (values: Float64Array): number => sum(values) ** 2 / sum(values.map((value) => value * value));
  const muEff = measureMass(raw.subarray(0, parents));
  const muEffNegative = measureMass(raw.subarray(parents));
  const stepDecay = (muEff + 2) / (d + muEff + 5);
  const rankOne = 2 / ((d + 1.3) ** 2 + muEff);
  const rankMu = Math.min(1 - rankOne, (2 * (0.25 + muEff + 1 / muEff - 2)) / ((d + 2) ** 2 + muEff));
  const negative = Math.min(
    1 + rankOne / rankMu,
    1 + (2 * muEffNegative) / (muEff + 2),
    (1 - rankOne - rankMu) / (d * rankMu),
  );
  const positiveSum = sum(raw.subarray(0, parents));
  const negativeSum = -sum(raw.subarray(parents));
  return {
    weights: raw.map((weight) => (weight >= 0 ? weight / positiveSum : (negative * weight) / negativeSum)),
    parents,
    muEff,
    stepDecay,
    damping: 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (d + 1)) - 1) + stepDecay,
    pathDecay: (4 + muEff / d) / (d + 4 + (2 * muEff) / d),
    rankOne,
    rankMu,
  };
}

/** Returns the state after λ values; undefined if the covariance cannot be factored. */
function updateState(state: State, rates: Rates, batch: readonly Valued[]): State | undefined {
  const d = state.mean.length;
  const { weights, parents, muEff, stepDecay, pathDecay } = rates;
  const ranked = [...batch].sort((a, b) => a.value - b.value || a.number - b.number);
  const steps = ranked.map(({ x }) => measureStep(state, x));
  const [shift, whitened] = [new Float64Array(d), new Float64Array(d)];
  for (let i = 0; i < parents; i++) {
    addScaled(shift, steps[i]!.y, weights[i]!);
    addScaled(whitened, steps[i]!.z, weights[i]!);
  }
  const mean = state.mean.map((m, a) => m + state.step * shift[a]!);
  const stepPath = state.stepPath.map((p, a) => (1 - stepDecay) * p + factorOf(stepDecay, muEff) * whitened[a]!);
  const updates = state.updates + 1;
  const expected = Math.sqrt(d) * (1 - 1 / (4 * d) + 1 / (21 * d * d));
  const length = measureLength(stepPath);
  const isSteady = length / Math.sqrt(1 - (1 - stepDecay) ** (2 * updates)) < (1.4 + 2 / (d + 1)) * expected;
  const gain = isSteady ? factorOf(pathDecay, muEff) : 0;
  const covariancePath = state.covariancePath.map((p, a) => (1 - pathDecay) * p + gain * shift[a]!);
  const lost = isSteady ? 0 : pathDecay * (2 - pathDecay);
  const covariance = updateCovariance(state.covariance, { rates, steps, path: covariancePath, lost });
  const factor = { data: covariance.slice(), stride: d };
  if (!factorRows(factor, 0, d)) return undefined;
  const step = state.step * Math.exp(Math.min(1, (stepDecay / rates.damping) * (length / expected - 1)));
  const recent = [...state.recent, ranked[0]!.value].slice(-(10 + 30 * d));
  return { ...state, mean, step, factor, covariance, stepPath, covariancePath, updates, recent };
}

/** Returns √(c·(2 − c)·μ_eff), which keeps the length of a path under random selection. */
function factorOf(decay: number, muEff: number): number {
  return Math.sqrt(decay * (2 - decay) * muEff);
}

/** A step from the mean in units of σ, and the same whitened: z = A⁻¹·y. */
interface Step {
  readonly y: Float64Array;
  readonly z: Float64Array;
}

/** Returns the step to a point. What is longer than drawn steps ever are is shortened (Hansen 2011, eq. 4). */
function measureStep({ mean, step, factor }: State, x: Float64Array): Step {
  const d = mean.length;
  const y = x.map((value, a) => (value - mean[a]!) / step);
  const z = y.slice();
  forwardSolveVector(factor, d, z);
  const longest = Math.sqrt(d) + (2 * d) / (d + 2);
  const share = Math.min(1, longest / Math.max(measureLength(z), Number.MIN_VALUE));
  return share === 1 ? { y, z } : { y: y.map((value) => share * value), z: z.map((value) => share * value) };
}

interface CovarianceUpdate {
  readonly rates: Rates;
  /** Best first. */
  readonly steps: readonly Step[];
  readonly path: Float64Array;
  /** What the rank-one update loses while the step path is long. */
  readonly lost: number;
}

/** Returns the covariance after the rank-one and the rank-μ update with negative weights (eq. 47 of the tutorial). */
function updateCovariance(before: Float64Array, { rates, steps, path, lost }: CovarianceUpdate): Float64Array {
  const { weights, rankOne, rankMu } = rates;
  const d = path.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const keep = 1 + rankOne * lost - rankOne - rankMu * total;
  const scaled = steps.map(({ z }, i) => {
    const squared = measureLength(z) ** 2;
    return rankMu * (weights[i]! >= 0 ? weights[i]! : (weights[i]! * d) / Math.max(squared, Number.MIN_VALUE));
  });
  const after = before.map((value) => keep * value);
  for (let a = 0; a < d; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = rankOne * path[a]! * path[b]!;
      for (let i = 0; i < steps.length; i++) sum += scaled[i]! * steps[i]!.y[a]! * steps[i]!.y[b]!;
      after[a * d + b]! += sum;
      if (a !== b) after[b * d + a] = after[a * d + b]!;
    }
  }
  return after;
}

function addScaled(target: Float64Array, values: Float64Array, weight: number): void {
  for (let a = 0; a < target.length; a++) target[a]! += weight * values[a]!;
}

function measureLength(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
