import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkSpace,
  createSpace,
  Optimizer,
  suggestPoint,
  type Algorithm,
  type Parameter,
  type Point,
  type SpaceDefinition,
} from '../src/index.ts';

const problems = (parameter: unknown): string[] =>
  checkSpace({ x: parameter } as SpaceDefinition).map(({ path }) => path.join('.'));
const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 });
const positive = fc.double({ noNaN: true, min: 1e-100, max: 1e100 });
const coordinate = fc.double({ noNaN: true, min: 0, max: 1 });

describe('invalid definitions are rejected with their path', () => {
  it.each<[string, unknown, string[]]>([
    ['low above high', { type: 'float', low: 2, high: 1 }, ['x.low']],
    ['NaN', { type: 'float', low: Number.NaN, high: 1 }, ['x.low']],
    ['infinite', { type: 'float', low: 0, high: Infinity }, ['x.high']],
    ['log from 0', { type: 'float', low: 0, high: 1, scale: 'log' }, ['x.low']],
    ['log from below 0', { type: 'int', low: -1, high: 8, scale: 'log' }, ['x.low']],
    ['log int with a fractional low', { type: 'int', low: 0.5, high: 8, scale: 'log' }, ['x.low']],
    ['step 0', { type: 'float', low: 0, high: 1, step: 0 }, ['x.step']],
    ['step with log', { type: 'float', low: 1, high: 2, step: 0.1, scale: 'log' }, ['x.step']],
    ['no choices', { type: 'categorical', choices: [] }, ['x.choices']],
    ['unknown field', { type: 'float', low: 0, high: 1, log: true }, ['x.log']],
    ['unknown type', { type: 'double', low: 0, high: 1 }, ['x.type']],
    ['not an object', 3, ['x']],
  ])('%s', (_, parameter, where) => expect(problems(parameter)).toEqual(where));

  it('rejects a definition without parameters and a value that is not an object', () => {
    for (const definition of [{}, null, [], 'space', 3])
      expect(checkSpace(definition as SpaceDefinition)).toHaveLength(1);
  });

  it('lists every problem, and createSpace throws all of them', () => {
    const definition: SpaceDefinition = {
      a: { type: 'float', low: 1, high: 0 },
      b: { type: 'int', low: 0.5, high: 3 },
    };
    expect(checkSpace(definition)).toHaveLength(2);
    expect(() => createSpace(definition)).toThrow(/^search space: a\.low .*; b\.low /);
  });

  it('rejects repeated choices', () =>
    expect(problems({ type: 'categorical', choices: ['a', 'a'] }).length).toBeGreaterThan(0));
});

describe('coordinates and values', () => {
  const numeric = fc.oneof(
    fc.tuple(finite, finite).map(([a, b]): Parameter => ({ type: 'float', low: Math.min(a, b), high: Math.max(a, b) })),
    fc
      .tuple(positive, positive)
      .map(([a, b]): Parameter => ({ type: 'float', low: Math.min(a, b), high: Math.max(a, b), scale: 'log' })),
    fc.tuple(fc.integer(), fc.nat(1000)).map(([low, width]): Parameter => ({ type: 'int', low, high: low + width })),
    fc
      .tuple(fc.integer({ min: 1, max: 1e6 }), fc.nat(1e6))
      .map(([low, width]): Parameter => ({ type: 'int', low, high: low + width, scale: 'log' })),
    fc
      .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 99 }), fc.constantFrom(0.1, 0.05, 0.3, 1e-3))
      .map(([low, steps, step]): Parameter => ({ type: 'float', low: low / 10, high: low / 10 + steps * step, step })),
  );

  it('decodes any coordinate to a point of the space that encodes and decodes to itself', () => {
    fc.assert(
      fc.property(numeric, coordinate, (parameter, u) => {
        const space = createSpace({ x: parameter });
        const point = space.decode(space.axes.length > 0 ? [u] : []);
        expect(space.contains(point)).toBe(true);
        const again = space.decode(space.encode(point));
        expect(space.contains(again)).toBe(true);
        if (Number.isFinite(space.size)) expect(again).toEqual(point);
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  it('decodes steps to low + k·step as written, and to high if it is on the grid', () => {
    const values = (parameter: Parameter): unknown[] => {
      const space = createSpace({ x: parameter });
      return Array.from({ length: space.size }, (_, k) => space.at(k).x);
    };
    expect(values({ type: 'float', low: 0, high: 0.5, step: 0.1 })).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(values({ type: 'float', low: 0, high: 0.55, step: 0.1 })).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(values({ type: 'int', low: 1, high: 10, step: 4 })).toEqual([1, 5, 9]);
  });

  it('decodes coordinates at and beyond the ends to values inside the bounds', () => {
    const ends = (parameter: Parameter): unknown[] => {
      const space = createSpace({ x: parameter });
      return [-1e-9, 0, 1 - 1e-16, 1, 1 + 1e-9].map((u) => space.decode(Float64Array.of(u)).x);
    };
    expect(ends({ type: 'float', low: 0.15, high: 0.949, step: 0.1 })).toEqual([0.15, 0.15, 0.85, 0.85, 0.85]);
    expect(ends({ type: 'float', low: 1e-7, high: 2.5e-7, step: 1e-7 })).toEqual([1e-7, 1e-7, 2e-7, 2e-7, 2e-7]);
    expect(ends({ type: 'float', low: 0.1, high: 0.3, scale: 'log' })).toEqual([
      0.1,
      0.1,
      expect.closeTo(0.3, 12),
      0.3,
      0.3,
    ]);
    expect(ends({ type: 'int', low: 3, high: 3000, scale: 'log' })).toEqual([3, 3, 3000, 3000, 3000]);
  });

  it('treats low = high and a single choice as constants that are in every point but not in the model', () => {
    const space = createSpace({
      a: { type: 'float', low: 2, high: 2 },
      b: { type: 'categorical', choices: ['only'] },
      c: { type: 'float', low: 0, high: 1 },
    });
    expect(space.axes.map(({ name }) => name)).toEqual(['c']);
    expect(space.decode([0.5])).toEqual({ a: 2, b: 'only', c: 0.5 });
  });

  it('ignores the order of keys', () => {
    const a: SpaceDefinition = { p: { type: 'float', low: 0, high: 1 }, q: { type: 'int', low: 0, high: 9 } };
    const b: SpaceDefinition = { q: a.q!, p: a.p! };
    const settings = { algorithm: 'sobol', initial: 1, seed: 3, direction: 'minimize' } as const;
    for (let number = 0; number < 5; number++) {
      expect(suggestPoint({ space: a, settings, history: [], number })).toEqual(
        suggestPoint({ space: b, settings, history: [], number }),
      );
    }
  });

  it('does not contain points with values that are out of range, of the wrong type, missing or unknown', () => {
    const space = createSpace({ x: { type: 'float', low: 0, high: 1 }, k: { type: 'int', low: 0, high: 3 } });
    for (const point of [
      { x: 2, k: 1 },
      { x: 0.5, k: 1.5 },
      { x: '0.5', k: 1 },
      { x: 0.5 },
      { x: 0.5, k: 1, y: 0 },
      { x: Number.NaN, k: 0 },
    ]) {
      expect(space.contains(point as Point)).toBe(false);
    }
  });
});

describe('spaces with few distinct values', () => {
  const next = 1.0000000000000002;

  it.each([undefined, 'linear', 'log'] as const)('counts adjacent floating-point numbers on scale %s', (scale) => {
    const parameter: Parameter = { type: 'float', low: 1, high: next };
    expect(createSpace({ x: scale ? { ...parameter, scale } : parameter }).size).toBe(2);
  });

  it.each<Algorithm>(['gp', 'tpe', 'random', 'sobol', 'grid'])(
    '%s ends after the two points of a range',
    (algorithm) => {
      const optimizer = new Optimizer({ x: { type: 'float', low: 1, high: next } }, { algorithm, initial: 1 });
      const points = [optimizer.ask(), optimizer.ask()].map((trial) => trial!.point.x);
      expect(points.toSorted()).toEqual([1, next]);
      expect(optimizer.ask()).toBeUndefined();
    },
  );

  it('counts steps once if their floating-point values are equal', () => {
    const space = createSpace({ x: { type: 'float', low: 1, high: 1 + 1e-15, step: 1.2e-16 } });
    const values = Array.from({ length: space.size }, (_, k) => space.at(k).x);
    expect(new Set(values).size).toBe(space.size);
  });

  it('treats 0.1 * 3 and 0.3 as one point of a grid', () => {
    const { key } = createSpace({ x: { type: 'float', low: 0, high: 0.5, step: 0.1 } });
    expect(key({ x: 0.1 * 3 })).toBe(key({ x: 0.3 }));
  });

  it('does not contain fractions of an int', () => {
    for (const step of [1, 10_000_000_000]) {
      const space = createSpace({ k: { type: 'int', low: 0, high: 100_000_000_000, step } });
      expect(space.contains({ k: 3.0000000005 })).toBe(false);
      expect(space.contains({ k: step + 1e-5 })).toBe(false);
    }
  });

  it('spreads a grid of ints over all axes', () => {
    const axis: Parameter = { type: 'int', low: 0, high: 1000 };
    const optimizer = new Optimizer({ a: axis, b: axis, c: axis }, { algorithm: 'grid' });
    const points = Array.from({ length: 27 }, () => optimizer.ask()!.point);
    for (const name of ['a', 'b', 'c']) expect(new Set(points.map((p) => p[name]))).toEqual(new Set([0, 500, 1000]));
  });

  it('decodes to the shortest decimal of the grid', () => {
    const steps = createSpace({ x: { type: 'float', low: 0, high: 0.1 * 3, step: 0.1 } });
    expect(steps.at(3).x).toBe(0.3);
    const log = createSpace({ x: { type: 'float', low: 0.001, high: 1000, scale: 'log' } });
    for (const x of [0.01, 0.3, 0.7, 1, 100]) expect(log.decode(log.encode({ x })).x).toBe(x);
  });
});
