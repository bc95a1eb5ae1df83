import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkSpace,
  computeImportance,
  createSpace,
  Optimizer,
  type Algorithm,
  type Parameter,
  type Point,
  type SpaceDefinition,
} from '../src/index.ts';

const rate: Parameter = { type: 'float', low: 1e-4, high: 1, scale: 'log' };
const training: SpaceDefinition = {
  optimizer: { type: 'categorical', choices: ['sgd', 'adam', 'adamw'] },
  rate,
  momentum: { type: 'float', low: 0, high: 0.99, when: { optimizer: ['sgd'] } },
  nesterov: { type: 'categorical', choices: [true, false], when: { optimizer: ['sgd'] } },
  beta: { type: 'float', low: 0.9, high: 0.999, when: { optimizer: ['adam', 'adamw'] } },
  decay: { type: 'float', low: 1e-6, high: 0.1, scale: 'log', when: { optimizer: ['adamw'] } },
  layers: { type: 'int', low: 1, high: 3 },
  width2: { type: 'int', low: 8, high: 64, when: { layers: [2, 3] } },
  width3: { type: 'int', low: 8, high: 64, when: { layers: [3] } },
};
const finite: SpaceDefinition = {
  kind: { type: 'categorical', choices: ['a', 'b', 'c'] },
  depth: { type: 'int', low: 1, high: 3, when: { kind: ['b', 'c'] } },
  deep: { type: 'categorical', choices: ['x', 'y'], when: { depth: [2, 3] } },
  both: { type: 'int', low: 0, high: 1, when: { kind: ['c'], deep: ['y'] } },
  only: { type: 'constant', value: 'set', when: { kind: ['a'] } },
};
// a: 1. b: depth 1, or 2 and 3 with x and y: 5. c: depth 1, or 2 and 3 with x or y and two values of `both`: 7.
const FINITE_POINTS = 13;

describe('conditions are checked', () => {
  const kind: Parameter = { type: 'categorical', choices: ['a', 'b'] };
  const one: Parameter = { type: 'int', low: 1, high: 4 };
  it.each<[string, SpaceDefinition, string]>([
    ['an unknown parameter', { x: { ...rate, when: { kid: ['a'] } }, kind }, 'x.when.kid is no parameter'],
    ['a float', { x: { ...one, when: { rate: [1] } }, rate }, 'x.when.rate is a float'],
    ['a value that is not there', { x: { ...one, when: { kind: ['a', 'z'] } }, kind }, 'x.when.kind.1 is not a value'],
    ['no values', { x: { ...one, when: { kind: [] } }, kind }, 'x.when.kind must be a list'],
    ['nothing', { x: { ...one, when: {} }, kind }, 'x.when must name'],
    ['itself', { x: { ...one, when: { x: [1] } }, kind }, 'x.when must not depend on itself: x needs x'],
    [
      'a cycle',
      { x: { ...one, when: { y: [1] } }, y: { ...one, when: { x: [1] } } },
      'must not depend on itself: x needs y needs x',
    ],
    [
      'a contradiction with the condition of a parent',
      { kind, y: { ...one, when: { kind: ['a'] } }, x: { ...one, when: { y: [1], kind: ['b'] } } },
      'x.when holds in no point, because the conditions that it includes demand different values of kind',
    ],
  ])('a condition on %s is rejected', (_, definition, message) => {
    const problems = checkSpace(definition).map((problem) => `${problem.path.join('.')} ${problem.message}`);
    expect(problems.join('\n')).toContain(message);
  });
});

describe('points', () => {
  it('have values for active parameters only, through draw, decode, encode and JSON', () => {
    const space = createSpace(training);
    const coordinates = fc.array(fc.double({ noNaN: true, min: 0, max: 1 - 1e-12 }), { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(coordinates, (uniforms) => {
        for (const point of [space.draw(uniforms), space.decode(uniforms)]) {
          expect(space.contains(point)).toBe(true);
          expect('momentum' in point).toBe(point['optimizer'] === 'sgd');
          expect('width2' in point).toBe(Number(point['layers']) > 1);
          const x = space.encode(point);
          expect(space.contains(space.decode(x))).toBe(true);
          const settled = x.slice();
          space.settle(settled);
          expect(settled).toEqual(x);
        }
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  it('are refused with a value for an inactive parameter, or without one for an active parameter', () => {
    const { contains } = createSpace(training);
    const point = { optimizer: 'adam', rate: 0.1, beta: 0.95, layers: 1 };
    expect(contains(point)).toBe(true);
    expect(contains({ ...point, momentum: 0.5 })).toBe(false);
    expect(contains({ ...point, layers: 2 })).toBe(false);
  });

  it('of a finite space are enumerated once each', () => {
    const { size, at, key, contains } = createSpace(finite);
    expect(size).toBe(FINITE_POINTS);
    const points = Array.from({ length: size }, (_, k) => at(k));
    expect(points.every(contains)).toBe(true);
    expect(new Set(points.map(key)).size).toBe(size);
  });

  it('with the same values in the parameters that both have, and no others, are equally far for the model', () => {
    const { encode } = createSpace(training);
    const sgd = { optimizer: 'sgd', rate: 0.1, momentum: 0.5, nesterov: true, layers: 1 };
    const [x, y] = [encode(sgd), encode({ optimizer: 'adam', rate: 0.1, beta: 0.9, layers: 1 })];
    const [w] = [encode({ optimizer: 'adam', rate: 0.1, beta: 0.9, layers: 1 })];
    expect(w).toEqual(y);
    expect(x).not.toEqual(y);
  });

  it('are counted for 200 independent conditions', () => {
    const switches = Object.fromEntries(
      Array.from({ length: 100 }, (_, k): [string, Parameter][] => [
        [`on${k}`, { type: 'categorical', choices: [true, false] }],
        [`value${k}`, { type: 'int', low: 1, high: 2, when: { [`on${k}`]: [true] } }],
      ]).flat(),
    );
    expect(createSpace(switches).size).toBeCloseTo(3 ** 100, -40);
  });
});

const algorithms: Algorithm[] = ['gp', 'tpe', 'random', 'sobol', 'grid'];

describe('searches', () => {
  it.each(algorithms)('%s suggests every point of a finite conditional space once', (algorithm) => {
    const optimizer = new Optimizer(finite, { algorithm, initial: 3, seed: 2 });
    const keys = new Set<string>();
    for (let trial = optimizer.ask(); trial; trial = optimizer.ask()) {
      keys.add(JSON.stringify(trial.point));
      optimizer.tell(trial.number, keys.size % 5);
    }
    expect(keys.size).toBe(FINITE_POINTS);
    expect(optimizer.history).toHaveLength(FINITE_POINTS);
  });

  it('gives each point of a grid all its parameters if the conditions are too entangled to count the points', () => {
    const switches = Array.from({ length: 16 }, (_, k) => `on${k}`);
    const entangled = Object.fromEntries<Parameter>([
      ...[...switches, 'shared'].map((name): [string, Parameter] => [name, { type: 'categorical', choices: [0, 1] }]),
      ...switches.map((name): [string, Parameter] => [
        `value-${name}`,
        { type: 'int', low: 1, high: 2, when: { [name]: [1], shared: [1] } },
      ]),
    ]);
    expect(createSpace(entangled).size).toBe(Infinity);
    const optimizer = new Optimizer(entangled, { algorithm: 'grid' });
    for (let k = 0; k < 3; k++) expect(Object.keys(optimizer.ask()!.point)).toEqual(expect.arrayContaining(switches));
  });

  /** The least value is 0, with adamw, two layers and a width of 40. */
  const train = (point: Point): number => {
    const branch = { sgd: 0.4 + Math.abs(Number(point['momentum']) - 0.9), adam: 0.2, adamw: 0 };
    const decay = point['decay'] === undefined ? 0 : (Math.log10(Number(point['decay'])) + 3) ** 2 / 9;
    const width = point['width2'] === undefined ? 0.5 : ((Number(point['width2']) - 40) / 32) ** 2;
    const depth = point['width3'] === undefined ? 0 : 0.2;
    const scale = (Math.log10(Number(point['rate'])) + 2) ** 2 / 4;
    return branch[String(point['optimizer']) as keyof typeof branch] + decay + width + depth + scale;
  };

  it.each<[Algorithm, number]>([
    ['gp', 0.1],
    ['tpe', 0.3],
  ])('%s approaches the optimum of the best branch', (algorithm, regret) => {
    const optimizer = new Optimizer(training, { algorithm, seed: 1 });
    for (let k = 0; k < 40; k++) {
      const { number, point } = optimizer.ask()!;
      optimizer.tell(number, train(point));
    }
    expect(optimizer.best!.value).toBeLessThan(regret); // the median of 40 random points is 0.6
  });

  it('measures the importance of parameters that are not always active', () => {
    const optimizer = new Optimizer(training, { algorithm: 'sobol', seed: 1 });
    for (let k = 0; k < 50; k++) {
      const { number, point } = optimizer.ask()!;
      optimizer.tell(number, train(point));
    }
    const importance = computeImportance(training, optimizer.settings, optimizer.history);
    expect(importance.map(({ name }) => name).sort()).toEqual(Object.keys(training).sort());
    expect(importance.find(({ name }) => name === 'nesterov')!.total).toBeLessThan(0.1);
  });
});
