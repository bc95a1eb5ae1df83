import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHypervolumeImprovement } from '../src/acquisition/hypervolume-improvement.ts';
import { matern52 } from '../src/gp/kernel.ts';
import { computePosterior } from '../src/gp/posterior.ts';
import { conditionSurrogate, type Surrogate } from '../src/gp/surrogate.ts';
import {
  computeHypervolume,
  createSpace,
  findFront,
  Optimizer,
  suggestPoint,
  suggestPoints,
  type Observation,
  type Point,
  type SearchSettings,
  type SpaceDefinition,
} from '../src/index.ts';
import { dominates, measureCrowding, rankOutcomes, thinFront } from '../src/pareto/front.ts';
import { divideNondominated } from '../src/pareto/hypervolume.ts';
import { createRandom } from '../src/random/random.ts';
import { readHistory } from '../src/search/history.ts';
import { selectFront } from '../src/search/suggest-pareto-point.ts';

const outcomes = (count: number, m: number, seed: number): number[][] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => Array.from({ length: m }, random.uniform));
};

/** Estimates the dominated volume of the unit cube from a grid. */
function countDominated(front: readonly number[][], m: number): number {
  const side = m === 2 ? 200 : 40;
  let count = 0;
  for (let k = 0; k < side ** m; k++) {
    const at = Array.from({ length: m }, (_, c) => ((Math.floor(k / side ** c) % side) + 0.5) / side);
    if (front.some((one) => one.every((value, c) => value <= at[c]!))) count += 1;
  }
  return count / side ** m;
}

describe('computeHypervolume', () => {
  it.each([
    [2, 1],
    [2, 7],
    [3, 1],
    [3, 6],
  ])('is the volume that is dominated (%d objectives, %d outcomes)', (m, count) => {
    const found = outcomes(count, m, 10 * m + count);
    const reference = Array.from({ length: m }, () => 1);
    expect(computeHypervolume(found, reference)).toBeCloseTo(countDominated(found, m), 1);
  });

  it('counts an outcome once, and none that is beyond the reference', () => {
    expect(
      computeHypervolume(
        [
          [0.5, 0.5],
          [0.5, 0.5],
          [0.1, 2],
        ],
        [1, 1],
      ),
    ).toBe(0.25);
    expect(computeHypervolume([], [1, 1, 1])).toBe(0);
  });
});

it('divides what is not dominated into boxes that do not overlap', () => {
  for (const m of [2, 3]) {
    const found = outcomes(6, m, m);
    const reference = Array.from({ length: m }, () => 1);
    const volume = divideNondominated(found, reference).reduce(
      (sum, { lower, upper }) => sum + lower.reduce((product, from, c) => product * (upper[c]! - Math.max(0, from)), 1),
      0,
    );
    expect(volume).toBeCloseTo(1 - computeHypervolume(found, reference), 10);
  }
});

it('ranks fronts, and measures the crowding within one', () => {
  const found = [
    [1, 3],
    [2, 2],
    [3, 1],
    [2, 3],
    [3, 3],
  ];
  expect(findFront(found)).toEqual([0, 1, 2]);
  expect(rankOutcomes(found)).toEqual([0, 0, 0, 1, 2]);
  expect(measureCrowding(found.slice(0, 3))).toEqual([Infinity, 2, Infinity]);
});

it('finds fronts and ranks by their definition, with equal outcomes and equal values', () => {
  for (const m of [2, 3]) {
    const found = outcomes(120, m, m).map((one) => one.map((value) => Math.round(8 * value)));
    const isDominated = (i: number, by: readonly number[]) => by.some((j) => dominates(found[j]!, found[i]!));
    const ranks: number[] = [];
    let left = [...found.keys()];
    for (let rank = 0; left.length > 0; rank++) {
      const front = left.filter((i) => !isDominated(i, left));
      for (const i of front) ranks[i] = rank;
      left = left.filter((i) => !front.includes(i));
    }
    expect(rankOutcomes(found)).toEqual(ranks);
    const first = [...found.keys()].filter((i) => ranks[i] === 0);
    const texts = first.map((i) => found[i]!.join());
    expect(findFront(found)).toEqual(first.filter((_, k) => texts.indexOf(texts[k]!) === k));
  }
});

it('thins a front to outcomes that are spread over it, with its ends', () => {
  const front = Array.from({ length: 1000 }, (_, k) => [(k / 999) ** 2, 1 - (k / 999) ** 2]);
  const kept = thinFront(front, 20);
  expect(kept).toHaveLength(20);
  expect([kept[0], kept.at(-1)]).toEqual([0, 999]);
  const gaps = kept.slice(1).map((i, k) => front[i]![0]! - front[kept[k]!]![0]!);
  expect(Math.max(...gaps)).toBeLessThan(4 * Math.min(...gaps));
  expect(thinFront(front.slice(0, 20), 20)).toEqual([...Array(20).keys()]);
});

it('improves on a bounded number of trials, however many are on the front', () => {
  const random = createRandom(3);
  const history = Array.from({ length: 3000 }, (_, number): Observation => {
    const [a, b] = [random.uniform(), random.uniform()];
    return { number, point: { a }, status: 'complete', values: [a, b, -a - b] };
  });
  const objectives = Array.from({ length: 3 }, () => ({ direction: 'minimize' }) as const);
  const settings = { algorithm: 'gp', initial: 1, seed: 1, direction: 'minimize', objectives } as const;
  const space = createSpace({ a: { type: 'float', low: 0, high: 1 } });
  expect(selectFront(readHistory(space, { history, settings }))).toHaveLength(100);
  expect(selectFront(readHistory(space, { history: history.slice(0, 90), settings }))).toHaveLength(90);
});

function createSurrogate(seed: number, d: number): Surrogate {
  const random = createRandom(seed, d);
  const n = 6;
  const x = Float64Array.from({ length: n * d }, random.uniform);
  const parameters = { lengthscales: new Float64Array(d).fill(0.5), signalVariance: 1, noiseVariance: 0.01 };
  const inputs = { n, d, x, categorical: new Uint8Array(d) };
  return conditionSurrogate({
    kernel: matern52,
    parameters,
    inputs,
    targets: Float64Array.from({ length: n }, random.normal),
  });
}

describe('the expected hypervolume improvement', () => {
  it.each([2, 3])('is the mean improvement of draws (%d objectives)', (m) => {
    const surrogates = Array.from({ length: m }, (_, k) => createSurrogate(k + 1, 2));
    const front = outcomes(4, m, 3);
    const reference = Array.from({ length: m }, () => 1.5);
    const acquisition = createHypervolumeImprovement(surrogates, front, reference);
    const x = Float64Array.of(0.3, 0.8);
    const before = computeHypervolume(front, reference);
    const random = createRandom(9);
    const draws = 20_000;
    const at = surrogates.map((surrogate) => computePosterior(surrogate, x));
    let sum = 0;
    for (let k = 0; k < draws; k++) {
      const y = at.map(({ mean, variance }) => -mean[0]! + Math.sqrt(variance[0]!) * random.normal());
      sum += computeHypervolume([...front, y], reference) - before;
    }
    const exact = Math.exp(acquisition.evaluate(x)[0]!);
    expect(sum / draws / exact).toBeGreaterThan(0.95);
    expect(sum / draws / exact).toBeLessThan(1.05);
  });

  it.each([2, 3])('has the gradient of central differences (%d objectives)', (m) => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 6 }), (seed, count) => {
        const surrogates = Array.from({ length: m }, (_, k) => createSurrogate(seed + k, 3));
        const reference = Array.from({ length: m }, () => 1);
        const acquisition = createHypervolumeImprovement(surrogates, outcomes(count, m, seed), reference);
        const x = Float64Array.from({ length: 3 }, createRandom(seed, 5).uniform);
        const gradient = new Float64Array(3);
        const value = acquisition.evaluateWithGradient(x, gradient);
        expect(value).toBeCloseTo(acquisition.evaluate(x)[0]!, 9);
        for (let a = 0; a < 3; a++) {
          const [up, down] = [1, -1].map(
            (sign) => acquisition.evaluate(x.map((v, b) => (b === a ? v + sign * 1e-5 : v)))[0]!,
          );
          expect(Math.abs(gradient[a]! - (up! - down!) / 2e-5)).toBeLessThan(1e-4 * (1 + Math.abs(gradient[a]!)));
        }
      }),
      { numRuns: 20, seed: 7 },
    );
  });
});

const square: SpaceDefinition = { x: { type: 'float', low: 0, high: 1 }, y: { type: 'float', low: 0, high: 1 } };
const both = [{ direction: 'minimize' }, { direction: 'maximize' }] as const;
/** The front is y = 0 with 0.2 ≤ x ≤ 0.8. */
const evaluate = ({ x, y }: Point): number[] => [
  (Number(x) - 0.2) ** 2 + Number(y),
  -((Number(x) - 0.8) ** 2) - Number(y),
];

function runSearch(settings: Partial<SearchSettings>, budget: number, parallel = 1): readonly Observation[] {
  const optimizer = new Optimizer(square, { initial: 6, seed: 3, objectives: both, ...settings });
  for (let k = 0; k < budget; k += parallel) {
    const trials = Array.from({ length: parallel }, () => optimizer.ask()!);
    for (const { number, point } of trials) optimizer.tell(number, { values: evaluate(point) });
  }
  return optimizer.history;
}

const measure = (history: readonly Observation[]): number =>
  computeHypervolume(
    history.map(({ values }) => [values![0]!, -values![1]!]),
    [1, 1],
  );

describe('suggestPoint with several objectives', () => {
  it.each([
    ['gp', 20, 1, 0.95],
    ['gp', 24, 4, 0.95],
    ['nsga-ii', 120, 1, 0.9],
  ] as const)('%s finds the front in %d trials, %d at once', (algorithm, budget, parallel, least) => {
    const found = measure(runSearch({ algorithm }, budget, parallel));
    expect(found).toBeGreaterThan(least);
    expect(found).toBeGreaterThan(measure(runSearch({ algorithm: 'random' }, budget)));
  });

  it('keeps to the measured constraints', () => {
    const optimizer = new Optimizer(square, { initial: 6, seed: 1, objectives: both });
    for (let k = 0; k < 24; k++) {
      const { number, point } = optimizer.ask()!;
      optimizer.tell(number, { values: evaluate(point), excess: [0.5 - Number(point['x'])] });
    }
    const late = optimizer.history.slice(10).filter(({ excess }) => excess![0]! > 0);
    expect(late.length).toBeLessThan(5);
  });

  it.each(['gp', 'nsga-ii'] as const)('%s does not depend on the order of the history', (algorithm) => {
    const settings = { algorithm, initial: 6, seed: 3, direction: 'minimize', objectives: both } as const;
    const history = runSearch({ algorithm: 'random' }, 40);
    const ask = (given: readonly Observation[]) =>
      suggestPoint({ space: square, settings, history: given, number: 40 });
    expect(ask(history.toReversed())).toEqual(ask(history));
    const [first, second] = [...suggestPoints({ space: square, settings, history, number: 40 }).take(2)];
    expect(first).toEqual(ask(history));
    const pending = { number: 40, status: 'pending', point: (first as { point: Point }).point } as const;
    expect(suggestPoint({ space: square, settings, history: [...history, pending], number: 41 })).toEqual(second);
  });

  it.each(['gp', 'nsga-ii'] as const)('%s accepts failed trials, missing values and mixed spaces', (algorithm) => {
    const space: SpaceDefinition = {
      ...square,
      kind: { type: 'categorical', choices: ['a', 'b', 'c'] },
      z: { type: 'int', low: 1, high: 5, when: { kind: ['b'] } },
    };
    const optimizer = new Optimizer(space, { algorithm, initial: 6, seed: 3, objectives: [...both, both[0]] });
    for (let k = 0; k < 45; k++) {
      const { number, point } = optimizer.ask()!;
      if (k % 7 === 3) optimizer.tell(number, { status: 'failed' });
      else optimizer.tell(number, { values: [...evaluate(point), point['kind'] === 'b' ? Number(point['z']) : 3] });
    }
    expect(optimizer.history).toHaveLength(45);
    expect(optimizer.best).toBeUndefined();
  });

  it.each([
    [{ algorithm: 'nsga-ii' }, /objectives/],
    [{ algorithm: 'tpe', objectives: both }, /several objectives/],
    [{ objectives: [both[0]] }, /two or three/],
    [{ objectives: [both[0], { direction: 'minimize', reference: Number.NaN }] }, /objectives.1.reference/],
  ] as [Partial<SearchSettings>, RegExp][])('refuses %j', (settings, message) => {
    expect(() => new Optimizer(square, settings)).toThrow(message);
  });
});
