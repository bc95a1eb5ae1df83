import { describe, expect, it } from 'vitest';
import {
  createSpace,
  Optimizer,
  suggest,
  type Algorithm,
  type Observation,
  type Point,
  type SearchSettings,
  type SpaceDefinition,
} from '../src/index.ts';

const square: SpaceDefinition = { x: { type: 'float', low: 0, high: 1 }, y: { type: 'float', low: 0, high: 1 } };
const gp: SearchSettings = { algorithm: 'gp', initial: 5, seed: 1, direction: 'minimize' };

function search(
  space: SpaceDefinition,
  settings: Partial<SearchSettings>,
  budget: number,
  f: (point: Point) => number,
): Optimizer {
  const optimizer = new Optimizer(space, settings);
  for (let k = 0; k < budget; k++) {
    const trial = optimizer.ask();
    if (!trial) break;
    const value = f(trial.point);
    optimizer.tell(trial.number, Number.isFinite(value) ? value : { status: 'failed' });
  }
  return optimizer;
}

const bowl = ({ x, y }: Point): number => (Number(x) - 0.7) ** 2 + (Number(y) - 0.2) ** 2;

describe('objective values', () => {
  it('all equal: explores, spreading over the space', () => {
    const { history } = search(square, gp, 25, () => 1);
    const cells = new Set(
      history.map(({ point }) => `${Math.floor(3 * Number(point.x))} ${Math.floor(3 * Number(point.y))}`),
    );
    expect(cells.size).toBeGreaterThanOrEqual(8);
  });

  it.each([
    ['minimize', 1],
    ['maximize', -1],
  ] as const)('a monotone objective with its optimum in a corner, to %s', (direction, sign) => {
    const { best } = search(square, { ...gp, direction }, 20, ({ x, y }) => sign * (Number(x) - Number(y)));
    expect(best!.point).toEqual({ x: 0, y: 1 });
  });

  it.each([Number.NaN, Infinity, -Infinity])(
    '%d is refused by tell with what to do, and can be told as failed',
    (value) => {
      const optimizer = new Optimizer(square, gp);
      const { number } = optimizer.ask()!;
      expect(() => optimizer.tell(number, value)).toThrow(/failed/);
      optimizer.tell(number, { status: 'failed' });
      expect(optimizer.history[0]).toMatchObject({ status: 'failed' });
      expect(optimizer.best).toBeUndefined();
    },
  );

  it('one infinite value among finite ones leaves the fit as it would be with a failure', () => {
    const known = search(square, gp, 12, bowl).history;
    const withValue = (extra: Partial<Observation>): Observation[] =>
      known.map((trial) => (trial.number === 3 ? { ...trial, ...extra } : trial));
    const infinite = suggest({ space: square, settings: gp, history: withValue({ value: Infinity }), number: 12 });
    expect(infinite).toEqual(
      suggest({ space: square, settings: gp, history: withValue({ status: 'failed' }), number: 12 }),
    );
  });

  it('values over hundreds of orders of magnitude still lead to the optimum', () => {
    const { best } = search(square, { ...gp, seed: 4 }, 30, (point) => Math.exp(300 * bowl(point)));
    expect(bowl(best!.point)).toBeLessThan(0.01); // a random point's is about 0.2
  });

  it('repeated points with different values', () => {
    const point = { x: 0.5, y: 0.5 };
    const history: Observation[] = [3, 1, 2, 5].map((value, number) => ({ number, point, status: 'complete', value }));
    expect(suggest({ space: square, settings: { ...gp, initial: 1 }, history, number: 4 }).kind).toBe('point');
  });
});

describe('failed regions are learned', () => {
  it('a half that always fails is left alone, but for its boundary, behind which the optimum seems to lie', () => {
    const fails = (point: Point): boolean => Number(point.x) > 0.5;
    const { history, best } = search(square, { ...gp, seed: 2 }, 40, (point) =>
      fails(point) ? Number.NaN : bowl(point),
    );
    const deep = history.slice(-20).filter(({ point }) => Number(point.x) > 0.6);
    expect(deep.length).toBeLessThanOrEqual(6);
    // 0.04 is the least value of the half that works.
    expect(best!.value).toBeLessThan(0.043);
  });

  it('all failed: goes on with space-filling points', () => {
    const { history } = search(square, gp, 12, () => Number.NaN);
    expect(new Set(history.map(({ point }) => JSON.stringify(point))).size).toBe(12);
  });
});

const small: SpaceDefinition = {
  k: { type: 'int', low: 0, high: 4 },
  c: { type: 'categorical', choices: ['a', 'b', 'c'] },
};

describe('points', () => {
  it.each<Algorithm>(['gp', 'tpe', 'random', 'sobol', 'grid'])(
    '%s ends a finite space as exhausted, every point tried once',
    (algorithm) => {
      const { history } = search(
        small,
        { algorithm, initial: 4, seed: 3 },
        100,
        ({ k, c }) => Number(k) + String(c).charCodeAt(0),
      );
      expect(history).toHaveLength(15);
      expect(new Set(history.map(({ point }) => JSON.stringify(point))).size).toBe(15);
    },
  );

  it('asking many times before anything is told never gives a point twice, and spreads', () => {
    const optimizer = search(square, { ...gp, seed: 5 }, 6, () => 1);
    const points = Array.from({ length: 12 }, () => optimizer.ask()!.point);
    const near = points.filter((p, i) =>
      points.slice(0, i).some((q) => Math.hypot(Number(p.x) - Number(q.x), Number(p.y) - Number(q.y)) < 0.05),
    );
    expect(near).toEqual([]);
  });

  it('the same seed with different numbers, or different seeds, give different points', () => {
    const at = (seed: number, number: number): string =>
      JSON.stringify(suggest({ space: square, settings: { ...gp, seed }, history: [], number }));
    expect(new Set([at(1, 0), at(1, 1), at(1, 2), at(2, 0), at(3, 0)]).size).toBe(5);
  });

  it('the same history gives the same bits, in any order, also through JSON', () => {
    const optimizer = search(square, gp, 14, bowl);
    const input = { space: square, settings: gp, history: optimizer.history, number: 14 };
    const once = suggest(input);
    expect(
      suggest(JSON.parse(JSON.stringify({ ...input, history: optimizer.history.toReversed() })) as typeof input),
    ).toEqual(once);
    expect(new Optimizer(square, gp, optimizer.history).ask()!.point).toEqual(once.kind === 'point' && once.point);
  });

  it('enqueued points come first, and those outside the space are refused', () => {
    const optimizer = new Optimizer(square, gp);
    optimizer.enqueue({ x: 0.25, y: 0.75 });
    expect(() => optimizer.enqueue({ x: 2, y: 0 })).toThrow(/not a point/);
    expect(optimizer.ask()!.point).toEqual({ x: 0.25, y: 0.75 });
  });

  it('starts from known results: no space-filling points where there are enough of them', () => {
    const known = search(square, { algorithm: 'random', seed: 9 }, 12, bowl).history;
    const optimizer = new Optimizer(square, { ...gp, seed: 8 }, known);
    const trial = optimizer.ask()!;
    expect(optimizer.history.find(({ number }) => number === trial.number)!.model).toBeDefined();
    expect(bowl(trial.point)).toBeLessThan(0.1);
  });

  it('telling twice, or what was not asked, is refused', () => {
    const optimizer = new Optimizer(square, gp);
    expect(() => optimizer.tell(0, 1)).toThrow(/not known/);
    const { number } = optimizer.ask()!;
    optimizer.tell(number, 1);
    expect(() => optimizer.tell(number, 1)).toThrow(/already told/);
  });
});

describe('many trials and many dimensions', () => {
  it('a thousand trials, duplicates among them, still get a new point', () => {
    const space = createSpace(square);
    const history: Observation[] = Array.from({ length: 1000 }, (_, number) => {
      const point = space.decode([(number % 97) / 96, (number % 31) / 30]);
      return { number, point, status: 'complete', value: bowl(point) };
    });
    const suggestion = suggest({ space: square, settings: gp, history, number: 1000 });
    expect(suggestion.kind === 'point' && bowl(suggestion.point)).toBeLessThan(0.01);
  });

  it('sixty dimensions', () => {
    const wide: SpaceDefinition = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`x${i}`, { type: 'float', low: -1, high: 1 }]),
    );
    const { history, best } = search(wide, { ...gp, initial: 10 }, 30, (point) =>
      Object.values(point).reduce<number>((sum, x) => sum + Number(x) ** 2, 0),
    );
    expect(best!.value).toBeLessThan(Math.min(...history.slice(0, 10).map(({ value }) => value!)));
  });
});
