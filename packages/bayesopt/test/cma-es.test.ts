import { describe, expect, it } from 'vitest';
import {
  Optimizer,
  suggestPoint,
  suggestPoints,
  type Observation,
  type Point,
  type SpaceDefinition,
} from '../src/index.ts';
import { computeDistribution } from '../src/search/cma-es.ts';
import type { Valued } from '../src/search/history.ts';

const D = 10;
const names = Array.from({ length: D }, (_, i) => `x${i}`);
const space: SpaceDefinition = Object.fromEntries(names.map((name) => [name, { type: 'float', low: -5, high: 5 }]));
const settings = { algorithm: 'cma-es', initial: 1, seed: 3, direction: 'minimize' } as const;
/** Neighbors are coupled, so that the axes of the space are not those of the function. */
const coupled = (point: Point): number =>
  names.reduce(
    (sum, name, i) => sum + 10 ** (i / 3) * (Number(point[name]) + Number(point[names[i + 1] ?? 'x0']) - 2) ** 2,
    0,
  );

/** Searches a generation at a time. */
function runSearch(budget: number, generation: number, f: (point: Point) => number): Observation[] {
  const history: Observation[] = [];
  while (history.length < budget) {
    const found = [...suggestPoints({ space, settings, history, number: history.length }).take(generation)];
    for (const each of found) {
      if (each.kind !== 'point') throw new Error('a continuous space has more points');
      history.push({ number: history.length, point: each.point, status: 'complete', value: f(each.point) });
    }
  }
  return history;
}

function findBest(history: readonly Observation[]): number {
  return history.reduce((best, { value }) => Math.min(best, value!), Infinity);
}

describe('cma-es', () => {
  it.each([
    ['a generation', 10, 0.5],
    ['two', 20, 5],
  ])('learns the axes of a function with the points of %s at once', (_, generation, most) => {
    expect(findBest(runSearch(1200, generation, coupled))).toBeLessThan(most); // 1,200 random points: about 1,000
  });

  it('proposes the same points one by one and a generation at a time, whatever the order of the history', () => {
    const history = runSearch(60, 10, coupled);
    const again = history.map(({ number }) => {
      const before = history.filter((trial) => trial.number < number).reverse();
      return suggestPoint({ space, settings, history: before, number });
    });
    expect(again.map((each) => each.kind === 'point' && each.point)).toEqual(history.map(({ point }) => point));
  });

  it('has the step of a known distribution after one update with equal steps', () => {
    // Three dimensions, λ = 7: the mean moves to the weighted mean of the best three points.
    const at = (x: number, value: number): Valued => ({
      number: value,
      point: {},
      x: Float64Array.of(x, 0.5, 0.5),
      value,
      diverged: false,
    });
    const rows = [0.6, 0.56, 0.53, 0.5, 0.47, 0.44, 0.41].map((x, i) => at(x, i));
    const { mean, population, step } = computeDistribution(rows, 3, 1);
    expect(population).toBe(7);
    const raw = [1, 2, 3].map((i) => Math.log(4) - Math.log(i));
    const sum = raw.reduce((a, b) => a + b, 0);
    const expected = raw.reduce((total, weight, i) => total + (weight / sum) * rows[i]!.x[0]!, 0);
    expect(mean[0]).toBeCloseTo(expected, 12);
    expect(mean[1]).toBeCloseTo(0.5, 12);
    expect(step).toBeLessThan(0.3); // the points are nearer than those of the first distribution
  });

  it('restarts with twice the population where all values are equal', () => {
    const rows = Array.from({ length: 3000 }, (_, number): Valued => ({
      number,
      point: {},
      x: Float64Array.from({ length: 2 }, (__, a) => ((number * (a + 3) * 7919) % 997) / 997),
      value: 1,
      diverged: false,
    }));
    expect(computeDistribution(rows, 2, 1).population).toBeGreaterThan(6);
  });

  it('refuses parameters without an order, and conditions', () => {
    const choice: SpaceDefinition = { ...space, c: { type: 'categorical', choices: ['a', 'b'] } };
    expect(() => new Optimizer(choice, settings)).toThrow('cma-es searches numbers without conditions, which c is not');
    expect(() => suggestPoint({ space: choice, settings, history: [], number: 0 })).toThrow(RangeError);
  });

  it('does not move to pruned trials, although their bounds are better than every final value', () => {
    const plane: SpaceDefinition = { x: { type: 'float', low: -5, high: 5 }, y: { type: 'float', low: -5, high: 5 } };
    // Complete trials are better for small x. Those with a large x are pruned early.
    const history = Array.from({ length: 36 }, (_, number): Observation => {
      const share = ((5 * number) % 12) / 11;
      const point = { x: 10 * share - 5, y: number / 36 };
      return share > 0.5
        ? { number, point, status: 'pruned', value: 0.1 }
        : { number, point, status: 'complete', value: 1 + share };
    });
    const drawn = Array.from({ length: 40 }, (_, i) =>
      suggestPoint({ space: plane, settings, history, number: 36 + i }),
    );
    const x = drawn.map((each) => (each.kind === 'point' ? Number(each.point['x']) : Number.NaN));
    expect(x.reduce((sum, value) => sum + value, 0) / x.length).toBeLessThan(-1);
  });

  it('leaves failed trials out and takes the bound of pruned ones', () => {
    const history = runSearch(30, 10, coupled).map((trial): Observation =>
      trial.number % 3 === 0
        ? { ...trial, status: 'failed' }
        : { ...trial, status: trial.number % 3 === 1 ? 'pruned' : 'complete' },
    );
    expect(suggestPoint({ space, settings, history, number: 30 }).kind).toBe('point');
  });
});
