import { describe, expect, it } from 'vitest';
import {
  Optimizer,
  suggestPoint,
  type Algorithm,
  type Observation,
  type Point,
  type SpaceDefinition,
} from '../src/index.ts';
import type { Valued } from '../src/search/history.ts';
import { penalizeViolations } from '../src/search/violations.ts';

const square: SpaceDefinition = { x: { type: 'float', low: 0, high: 1 }, y: { type: 'float', low: 0, high: 1 } };
/** The best value 1 is at x + y = 1.5; the unconstrained one at (0, 0), where a tenth of the square is feasible. */
const evaluate = ({ x, y }: Point): number => Number(x) + Number(y) - 0.5;
const exceed = ({ x, y }: Point): number[] => [1000 * (1.5 - Number(x) - Number(y)), -1];

function runSearch(algorithm: Algorithm, budget: number, excess = exceed, parallel = 1): Optimizer {
  const optimizer = new Optimizer(square, { algorithm, initial: 6, seed: 2 });
  for (let k = 0; k < budget; k += parallel) {
    const trials = Array.from({ length: parallel }, () => optimizer.ask()!);
    for (const { number, point } of trials) optimizer.tell(number, { value: evaluate(point), excess: excess(point) });
  }
  return optimizer;
}

/** Counts in how many of 40 searches the next point of an evolution is near x. */
function countChildren(history: readonly Observation[], x: number): number {
  const line: SpaceDefinition = { x: { type: 'float', low: 0, high: 1 } };
  const evolution = { population: 50, tournament: 50 };
  return Array.from({ length: 40 }, (_, seed) => {
    const settings = { algorithm: 'evolution', initial: 1, seed, direction: 'minimize', evolution } as const;
    const found = suggestPoint({ space: line, settings, history, number: history.length });
    return found.kind === 'point' && Math.abs(Number(found.point['x']) - x) < 0.4;
  }).filter(Boolean).length;
}

describe('measured constraints', () => {
  it.each([
    ['gp', 24, 1, 1.01],
    ['gp', 28, 4, 1.02],
    ['tpe', 100, 1, 1.1],
    ['cma-es', 100, 1, 1.05],
  ] as const)('%s finds the best feasible point in %d trials, %d at once', (algorithm, budget, parallel, most) => {
    const { best, history } = runSearch(algorithm, budget, exceed, parallel);
    expect(best!.value).toBeGreaterThanOrEqual(1);
    expect(best!.value).toBeLessThan(most);
    expect(Math.min(...history.map(({ value }) => value!))).toBeLessThan(1);
  });

  it.each(['gp', 'tpe', 'cma-es'] as const)(
    '%s approaches what is feasible while nothing is known to be',
    (algorithm) => {
      const away = ({ x, y }: Point): number[] => [(Number(x) - 0.83) ** 2 + (Number(y) - 0.21) ** 2 - 1e-4];
      const { history, best } = runSearch(algorithm, algorithm === 'gp' ? 20 : 80, away);
      const first = Math.min(...history.slice(0, 6).map(({ excess }) => excess![0]!));
      const least = Math.min(...history.map(({ excess }) => excess![0]!));
      expect(least).toBeLessThan(0.2 * first);
      if (algorithm === 'gp') expect(best).toBeDefined();
    },
  );

  it('evolution chooses feasible parents, not trials without measurements', () => {
    const feasible: Observation = { number: 0, point: { x: 0.1 }, status: 'complete', value: 9, excess: [-1] };
    const unmeasured: Observation = { number: 1, point: { x: 0.9 }, status: 'complete', value: 0 };
    expect(countChildren([feasible, unmeasured], 0.1)).toBeGreaterThan(32);
  });

  it('evolution compares constraints in units of what each exceeds', () => {
    // The first exceeds a half of the median of its constraint, the fourth all of it.
    const excesses = [
      [1000, 0],
      [2000, 0],
      [4000, 0],
      [0, 5],
      [0, 5],
    ];
    const history = excesses.map((excess, number): Observation => {
      const point = { x: number === 0 ? 0.1 : 0.9 + number / 100 };
      return { number, point, status: 'complete', value: 0, excess };
    });
    expect(countChildren(history, 0.1)).toBeGreaterThan(32);
  });

  it('reports no best where no trial is feasible', () => {
    expect(runSearch('random', 10, () => [1]).best).toBeUndefined();
  });

  it('gp expects an improvement without a limit while nothing is feasible', () => {
    const { history } = runSearch('gp', 8, () => [1, 2]);
    const settings = { algorithm: 'gp', initial: 6, seed: 2, direction: 'minimize' } as const;
    const found = suggestPoint({ space: square, settings, history, number: 8 });
    expect(found).toMatchObject({ kind: 'point', outlook: { improvement: Number.MAX_VALUE } });
  });

  it.each(['gp', 'tpe', 'cma-es'] as const)('%s accepts trials without measurements and extreme ones', (algorithm) => {
    const { history } = runSearch('random', 12);
    const odd = history.map((trial, k): Observation => {
      if (k % 4 === 0) return { number: k, point: trial.point, status: 'diverged', value: 1e300 };
      if (k % 4 === 1) return { number: k, point: trial.point, status: 'pruned', value: 1, excess: [1e308, -1e308] };
      return { ...trial, excess: k % 4 === 2 ? [Number.NaN, 0] : [0, 1e-308] };
    });
    const settings = { algorithm, initial: 4, seed: 2, direction: 'minimize' } as const;
    expect(suggestPoint({ space: square, settings, history: odd, number: 12 }).kind).toBe('point');
  });
});

describe('penalizeViolations', () => {
  const row = (value: number, excess?: number[]): Valued => ({
    number: 0,
    point: {},
    x: Float64Array.of(0),
    value,
    diverged: false,
    excess,
  });

  it('orders feasible before infeasible, then by value or violation, whatever the units', () => {
    const rows = [row(1e15, [-1, 0]), row(-5, [1e9, 0]), row(3, [0, 0]), row(-9, [1e9, 1e-6]), row(0)];
    const values = penalizeViolations(rows).map(({ value }) => value);
    const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
    expect(order).toEqual([2, 0, 1, 3, 4]);
  });

  it('orders by violation alone while nothing is feasible', () => {
    const values = penalizeViolations([row(-1, [4]), row(9, [1])]).map(({ value }) => value);
    expect(values[1]).toBeLessThan(values[0]!);
  });
});
