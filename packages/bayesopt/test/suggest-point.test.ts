import { describe, expect, it } from 'vitest';
import {
  createSpace,
  Optimizer,
  suggestPoint,
  type Algorithm,
  type Observation,
  type Outcome,
  type Point,
  type SearchSettings,
  type SpaceDefinition,
} from '../src/index.ts';
import { drawRandomPoint, findGridPoint } from '../src/search/designs.ts';

const square: SpaceDefinition = { x: { type: 'float', low: 0, high: 1 }, y: { type: 'float', low: 0, high: 1 } };
const gp: SearchSettings = { algorithm: 'gp', initial: 5, seed: 1, direction: 'minimize' };

function runSearch(
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
  it('spreads points over the space if all values are equal', () => {
    const { history } = runSearch(square, gp, 25, () => 1);
    const cells = new Set(
      history.map(({ point }) => `${Math.floor(3 * Number(point.x))} ${Math.floor(3 * Number(point.y))}`),
    );
    expect(cells.size).toBeGreaterThanOrEqual(8);
  });

  it.each([
    ['minimize', 1],
    ['maximize', -1],
  ] as const)('finds the optimum in a corner (%s)', (direction, sign) => {
    const { best } = runSearch(square, { ...gp, direction }, 20, ({ x, y }) => sign * (Number(x) - Number(y)));
    expect(best!.point).toEqual({ x: 0, y: 1 });
  });

  it.each([Number.NaN, Infinity, -Infinity])(
    'tell rejects %d with an error that names failed, which it accepts',
    (value) => {
      const optimizer = new Optimizer(square, gp);
      const { number } = optimizer.ask()!;
      expect(() => optimizer.tell(number, value)).toThrow(/failed/);
      optimizer.tell(number, { status: 'failed' });
      expect(optimizer.history[0]).toMatchObject({ status: 'failed' });
      expect(optimizer.best).toBeUndefined();
    },
  );

  it('treats an infinite value among finite ones as a failure', () => {
    const known = runSearch(square, gp, 12, bowl).history;
    const withValue = (extra: Partial<Observation>): Observation[] =>
      known.map((trial) => (trial.number === 3 ? { ...trial, ...extra } : trial));
    const infinite = suggestPoint({ space: square, settings: gp, history: withValue({ value: Infinity }), number: 12 });
    expect(infinite).toEqual(
      suggestPoint({ space: square, settings: gp, history: withValue({ status: 'failed' }), number: 12 }),
    );
  });

  it('finds the optimum of values that span hundreds of orders of magnitude', () => {
    const { best } = runSearch(square, { ...gp, seed: 4 }, 30, (point) => Math.exp(300 * bowl(point)));
    expect(bowl(best!.point)).toBeLessThan(0.01); // a random point's is about 0.2
  });

  it('attributes different values at one point to noise and suggests a point far from it', () => {
    const point = { x: 0.5, y: 0.5 };
    const history: Observation[] = [3, 1, 2, 5].map((value, number) => ({ number, point, status: 'complete', value }));
    const suggestion = suggestPoint({ space: square, settings: { ...gp, initial: 1 }, history, number: 4 });
    if (suggestion.kind !== 'point') throw new Error('the space has more points');
    // The outcomes have variance 1, all of which is noise.
    expect(Math.exp(suggestion.model!.fitted.logNoiseVariance)).toBeGreaterThan(0.1);
    expect(Math.hypot(Number(suggestion.point.x) - 0.5, Number(suggestion.point.y) - 0.5)).toBeGreaterThan(0.2);
  });
});

describe('failed trials', () => {
  it('avoids a half of the space that always fails, except for its boundary near the expected optimum', () => {
    const fails = (point: Point): boolean => Number(point.x) > 0.5;
    const { history, best } = runSearch(square, { ...gp, seed: 2 }, 40, (point) =>
      fails(point) ? Number.NaN : bowl(point),
    );
    const deep = history.slice(-20).filter(({ point }) => Number(point.x) > 0.6);
    expect(deep.length).toBeLessThanOrEqual(6);
    // 0.04 is the least value of the feasible half.
    expect(best!.value).toBeLessThan(0.043);
  });

  // The best batch and width need twice the memory that there is.
  const training: SpaceDefinition = {
    batch: { type: 'int', low: 16, high: 1024, scale: 'log' },
    width: { type: 'int', low: 16, high: 1024, scale: 'log' },
    rate: { type: 'float', low: 1e-5, high: 1, scale: 'log' },
  };
  const train = ({ batch, width, rate }: Point): number =>
    Number(batch) * Number(width) > 65_536
      ? Number.NaN
      : 0.05 * Math.log2(Number(batch) / 256) ** 2 +
        0.08 * Math.log2(Number(width) / 512) ** 2 +
        Math.log1p(2 * (Math.log10(Number(rate)) + 2) ** 2) / 2;

  it.each([
    ['gp', {}, 16, 0.05],
    ['gp', { noisy: true }, 16, 0.1],
    ['tpe', {}, 8, 0.3],
  ] as const)('%s %j learns a limit of memory that excludes the optimum', (algorithm, settings, failures, loss) => {
    for (const seed of [1, 2]) {
      const search = runSearch(training, { algorithm, seed, initial: 10, ...settings }, 45, train);
      const failed = search.history.slice(10).filter(({ status }) => status === 'failed');
      expect(failed.length).toBeLessThanOrEqual(failures);
      expect(search.best!.value - 0.0308).toBeLessThan(loss); // 0.0308 is the least value within the limit
    }
  });

  it('learns a limit while other trials are pending', () => {
    const optimizer = new Optimizer(training, { seed: 3 });
    const tellNext = (): void => {
      const { number, point } = optimizer.history.find(({ status }) => status === 'pending')!;
      const value = train(point);
      optimizer.tell(number, Number.isNaN(value) ? { status: 'failed' } : value);
    };
    for (let k = 0; k < 45; k++) {
      if (k >= 4) tellNext();
      optimizer.ask();
    }
    expect(optimizer.history.slice(10).filter(({ status }) => status === 'failed').length).toBeLessThanOrEqual(16);
  });

  it('finds the optimum if trials fail at random', () => {
    const { best } = runSearch(square, { ...gp, seed: 6 }, 40, (point) =>
      Math.imul(Math.round(1e6 * Number(point.x)) + 1, 0x9e3779b1) >>> 0 < 0.2 * 2 ** 32 ? Number.NaN : bowl(point),
    );
    expect(best!.value).toBeLessThan(1e-4);
  });

  it('continues with space-filling points if all trials failed', () => {
    const { history } = runSearch(square, gp, 12, () => Number.NaN);
    expect(new Set(history.map(({ point }) => JSON.stringify(point))).size).toBe(12);
  });
});

describe('outliers', () => {
  it.each([1e9, 1e12, 1e300])('finds the optimum next to a region with the penalty %d', (penalty) => {
    const axis = { type: 'float', low: -1, high: 1 } as const;
    const space: SpaceDefinition = { a: axis, b: axis, c: axis, d: axis };
    const { best } = runSearch(space, { ...gp, initial: 8 }, 40, (point) =>
      Number(point.a) > 0.9 ? penalty : Object.values(point).reduce<number>((sum, x) => sum + Number(x) ** 2, 0),
    );
    expect(best!.value).toBeLessThan(1e-3);
  });
});

describe('settings', () => {
  it.each([
    ['initial', 0],
    ['initial', -1],
    ['initial', null],
    ['seed', 1.5],
    ['seed', -1],
    ['seed', null],
    ['algorithm', 'nope'],
    ['direction', 'up'],
  ])('rejects %s %j with an error that names it', (name, value) => {
    const settings = { ...gp, [name]: value } as SearchSettings;
    const message = new RegExp(`^settings\\.${name} is .*; it must be `);
    expect(() => new Optimizer(square, settings)).toThrow(message);
    expect(() => suggestPoint({ space: square, settings, history: [], number: 0 })).toThrow(message);
  });
});

const small: SpaceDefinition = {
  k: { type: 'int', low: 0, high: 4 },
  c: { type: 'categorical', choices: ['a', 'b', 'c'] },
};

describe('points', () => {
  it.each<Algorithm>(['gp', 'tpe', 'random', 'sobol', 'grid'])(
    '%s suggests every point of a finite space once and then reports that the space is exhausted',
    (algorithm) => {
      const { history } = runSearch(
        small,
        { algorithm, initial: 4, seed: 3 },
        100,
        ({ k, c }) => Number(k) + String(c).charCodeAt(0),
      );
      expect(history).toHaveLength(15);
      expect(new Set(history.map(({ point }) => JSON.stringify(point))).size).toBe(15);
    },
  );

  it('spreads points that are pending at the same time', () => {
    const optimizer = runSearch(square, { ...gp, seed: 5 }, 6, () => 1);
    const points = Array.from({ length: 12 }, () => optimizer.ask()!.point);
    const near = points.filter((p, i) =>
      points.slice(0, i).some((q) => Math.hypot(Number(p.x) - Number(q.x), Number(p.y) - Number(q.y)) < 0.05),
    );
    expect(near).toEqual([]);
  });

  it('gives different points for different numbers or seeds', () => {
    const at = (seed: number, number: number): string =>
      JSON.stringify(suggestPoint({ space: square, settings: { ...gp, seed }, history: [], number }));
    expect(new Set([at(1, 0), at(1, 1), at(1, 2), at(2, 0), at(3, 0)]).size).toBe(5);
  });

  it('gives the same bits for the same history in any order, also through JSON', () => {
    const optimizer = runSearch(square, gp, 14, bowl);
    const input = { space: square, settings: gp, history: optimizer.history, number: 14 };
    const once = suggestPoint(input);
    expect(
      suggestPoint(JSON.parse(JSON.stringify({ ...input, history: optimizer.history.toReversed() })) as typeof input),
    ).toEqual(once);
    expect(new Optimizer(square, gp, optimizer.history).ask()!.point).toEqual(once.kind === 'point' && once.point);
  });

  it('returns enqueued points first and rejects points outside the space', () => {
    const optimizer = new Optimizer(square, gp);
    optimizer.enqueue({ x: 0.25, y: 0.75 });
    expect(() => optimizer.enqueue({ x: 2, y: 0 })).toThrow(/is not a point of the space/);
    expect(optimizer.ask()!.point).toEqual({ x: 0.25, y: 0.75 });
  });

  it('returns an enqueued value that stands for a grid value as that grid value', () => {
    const optimizer = new Optimizer({ x: { type: 'float', low: 0, high: 1, step: 0.1 } }, gp);
    optimizer.enqueue({ x: 0.1 * 3 });
    expect(optimizer.ask()!.point).toEqual({ x: 0.3 });
  });

  it('looks at one more grid point than there are known ones at most, also if integers on a log scale collide', () => {
    const axis = { type: 'int', low: 1, high: 33, scale: 'log' } as const;
    const space = createSpace({ a: axis, b: axis, c: axis });
    const seen = new Set<string>();
    for (let k = 0; k < 1500; k++) seen.add(space.key(findGridPoint(space, seen, 1)!));
    let compared = 0;
    const counting = {
      ...space,
      key: (point: Point) => {
        compared++;
        return space.key(point);
      },
    };
    expect(seen.size).toBe(1500);
    expect(seen.has(space.key(findGridPoint(counting, seen, 1)!))).toBe(false);
    expect(compared).toBeLessThanOrEqual(6 * (seen.size + 1)); // six refinements: 2, 3, 5, 9, 17 and 33 levels
  });

  it.each<Algorithm>(['grid', 'gp'])('%s takes an enqueued 0.1 * 3 for the 0.3 of a grid', (algorithm) => {
    const optimizer = new Optimizer({ x: { type: 'float', low: 0, high: 0.5, step: 0.1 } }, { algorithm, initial: 1 });
    optimizer.enqueue({ x: 0.1 * 3 });
    const values: unknown[] = [];
    for (let trial = optimizer.ask(); trial; trial = optimizer.ask()) {
      values.push(trial.point.x);
      optimizer.tell(trial.number, 1);
    }
    expect(values.sort()).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
  });

  it('ends on a finite space of more than 2^53 points whose random draws are all known', () => {
    const space: SpaceDefinition = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`c${i}`, { type: 'categorical', choices: [1, 2, 3, 4, 5, 6, 7, 8, 9] }]),
    );
    const seen = { has: (key: string) => key !== '[' + '9,'.repeat(19) + '9]', size: 5000 };
    const started = performance.now();
    expect(drawRandomPoint(createSpace(space), seen as unknown as Set<string>, 1, 1)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('starts with the model if enough results are known', () => {
    const known = runSearch(square, { algorithm: 'random', seed: 9 }, 12, bowl).history;
    const optimizer = new Optimizer(square, { ...gp, seed: 8 }, known);
    const trial = optimizer.ask()!;
    expect(optimizer.history.find(({ number }) => number === trial.number)!.model).toBeDefined();
    expect(bowl(trial.point)).toBeLessThan(0.1);
  });

  it.each<[number, Outcome]>([
    [0, { values: [1] }],
    [0, { status: 'complete' } as Outcome],
    [0, { value: 1, values: [1] } as Outcome],
    [0, { value: 1, excess: [Number.NaN] }],
    [2, { value: 1 }],
    [2, { values: [1, 2, 3] }],
    [2, { values: [1, Number.NaN] }],
  ])('tell rejects, for %d objectives, the outcome %j, and the trial stays pending', (count, outcome) => {
    const objectives = Array.from({ length: count }, () => ({ direction: 'minimize' }) as const);
    const optimizer = new Optimizer(square, count > 0 ? { objectives } : {});
    const { number } = optimizer.ask()!;
    expect(() => optimizer.tell(number, outcome)).toThrow(RangeError);
    expect(optimizer.history[0]!.status).toBe('pending');
    optimizer.tell(number, count > 0 ? { values: [1, 2] } : { value: 1, excess: [-1] });
    expect(optimizer.history[0]!.status).toBe('complete');
  });

  it('tell rejects a number that ask did not return and a second outcome', () => {
    const optimizer = new Optimizer(square, gp);
    expect(() => optimizer.tell(0, 1)).toThrow(/not known/);
    const { number } = optimizer.ask()!;
    optimizer.tell(number, 1);
    expect(() => optimizer.tell(number, 1)).toThrow(/already has an outcome/);
  });
});

describe('many trials and many dimensions', () => {
  it('suggests a new point after a thousand trials with duplicates', () => {
    const space = createSpace(square);
    const history: Observation[] = Array.from({ length: 1000 }, (_, number) => {
      const point = space.decode([(number % 97) / 96, (number % 31) / 30]);
      return { number, point, status: 'complete', value: bowl(point) };
    });
    const suggestion = suggestPoint({ space: square, settings: gp, history, number: 1000 });
    expect(suggestion.kind === 'point' && bowl(suggestion.point)).toBeLessThan(0.01);
  });

  it('improves in sixty dimensions', () => {
    const wide: SpaceDefinition = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`x${i}`, { type: 'float', low: -1, high: 1 }]),
    );
    const { history, best } = runSearch(wide, { ...gp, initial: 10 }, 30, (point) =>
      Object.values(point).reduce<number>((sum, x) => sum + Number(x) ** 2, 0),
    );
    expect(best!.value).toBeLessThan(Math.min(...history.slice(0, 10).map(({ value }) => value!)));
  });
});

describe('the outlook of a search', () => {
  const readOutlook = (history: readonly Observation[], settings = gp) => {
    const suggestion = suggestPoint({ space: square, settings, history, number: history.length });
    return suggestion.kind === 'point' ? suggestion.outlook : undefined;
  };

  it('is absent for initial points and without a Gaussian process', () => {
    expect(readOutlook([])).toBeUndefined();
    const { history } = runSearch(square, gp, 8, bowl);
    expect(readOutlook(history, { ...gp, algorithm: 'tpe' })).toBeUndefined();
  });

  it('falls as the search converges, to less than the values still differ', () => {
    const { history } = runSearch(square, gp, 25, bowl);
    const [early, late] = [readOutlook(history.slice(0, 6))!, readOutlook(history)!];
    expect(late.improvement).toBeLessThan(early.improvement / 100);
    expect(late.improvement).toBeLessThan(1e-4);
    expect(late.improvement).toBeGreaterThanOrEqual(0);
  });

  it.each(['minimize', 'maximize'] as const)('is in the units of the metric: %s', (direction) => {
    const sign = direction === 'maximize' ? -1 : 1;
    const settings = { ...gp, direction };
    const { history } = runSearch(square, settings, 12, (point) => sign * bowl(point));
    const scaled = history.map((one) => ({ ...one, value: 1000 * one.value! + 7 }));
    const [outlook, large] = [readOutlook(history, settings)!, readOutlook(scaled, settings)!];
    expect(large.improvement / outlook.improvement).toBeCloseTo(1000, -1);
    expect(large.noise / outlook.noise).toBeCloseTo(1000, -1);
  });

  it('finds the noise of a noisy objective within a factor of three', () => {
    let count = 0;
    const noise = (): number => 0.1 * Math.sqrt(2) * Math.sin(++count * count * 7.7);
    const { history } = runSearch(square, { ...gp, algorithm: 'sobol' }, 60, (point) => bowl(point) + noise());
    const { noise: found } = readOutlook(history)!;
    expect(found).toBeGreaterThan(0.1 / 3);
    expect(found).toBeLessThan(0.3);
  });

  it('is finite for values of any size', () => {
    const { history } = runSearch(square, gp, 12, (point) => (bowl(point) - 0.5) * 1e308);
    const { improvement, noise } = readOutlook(history)!;
    expect([improvement, noise].every(Number.isFinite)).toBe(true);
  });
});
