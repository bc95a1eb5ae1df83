import { describe, expect, it } from 'vitest';
import {
  createSpace,
  findRareConstraints,
  Optimizer,
  type Algorithm,
  type Constraint,
  type Parameter,
  type Point,
  type Space,
  type SpaceDefinition,
} from '../src/index.ts';

const value = (x: number): Constraint => ({ kind: 'number', value: x });
const name = (x: string): Constraint => ({ kind: 'variable', name: x });
const call = (fn: 'le' | 'lt' | 'mul' | 'add' | 'ge' | 'gt', ...operands: Constraint[]): Constraint => ({
  kind: 'call',
  name: fn,
  operands,
});

const algorithms: Algorithm[] = ['gp', 'tpe', 'random', 'sobol', 'grid'];

describe('constraints on parameters', () => {
  const square: SpaceDefinition = {
    x: { type: 'float', low: 0, high: 1 },
    y: { type: 'float', low: 0, high: 1 },
    n: { type: 'int', low: 1, high: 8 },
  };
  const sum = call('le', call('add', name('x'), name('y')), value(1));
  const product = call('ge', call('mul', name('x'), name('n')), value(1));

  it.each(algorithms)('%s suggests no point that they exclude, also with pending trials', (algorithm) => {
    const optimizer = new Optimizer(square, { algorithm, initial: 5, seed: 1 }, [], [sum, product]);
    for (let k = 0; k < 24; k++) {
      const { number, point } = optimizer.ask()!;
      expect(Number(point['x']) + Number(point['y'])).toBeLessThanOrEqual(1);
      expect(Number(point['x']) * Number(point['n'])).toBeGreaterThanOrEqual(1);
      if (k % 3 > 0) optimizer.tell(number, -Number(point['x']) - 2 * Number(point['y']));
    }
  });

  it('gp finds an optimum on their border', () => {
    const optimizer = new Optimizer(square, { seed: 2, initial: 6 }, [], [sum, product]);
    // The least value is at x = 1/8, y = 7/8, n = 8.
    for (let k = 0; k < 30; k++) {
      const { number, point } = optimizer.ask()!;
      optimizer.tell(number, -Number(point['x']) - 2 * Number(point['y']));
    }
    expect(optimizer.best!.value).toBeLessThan(-1.86); // the least is −1.875
  });

  it.each(algorithms)('%s suggests each allowed point of a finite space once', (algorithm) => {
    const grid: SpaceDefinition = { a: { type: 'int', low: 1, high: 6 }, b: { type: 'int', low: 1, high: 6 } };
    const limit = call('le', call('mul', name('a'), name('b')), value(6));
    const optimizer = new Optimizer(grid, { algorithm, initial: 3, seed: 4 }, [], [limit]);
    const points: Point[] = [];
    for (let trial = optimizer.ask(); trial; trial = optimizer.ask()) {
      points.push(trial.point);
      optimizer.tell(trial.number, Number(trial.point['a']) - Number(trial.point['b']));
    }
    // 6 + 3 + 2 + 1 + 1 + 1 products are at most 6.
    expect(points).toHaveLength(14);
    expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(14);
  });

  it('let a grid continue where they exclude all of its first points', () => {
    const bits = Object.fromEntries(
      Array.from({ length: 17 }, (_, k): [string, Parameter] => [`bit${k}`, { type: 'int', low: 0, high: 1 }]),
    );
    // The first axis changes slowest: it is 0 in the first 65,536 points.
    const optimizer = new Optimizer(bits, { algorithm: 'grid' }, [], [call('ge', name('bit0'), value(1))]);
    const points = Array.from({ length: 3 }, () => optimizer.ask()!.point);
    expect(points.map((point) => point['bit0'])).toEqual([1, 1, 1]);
    expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(3);
  });

  it('do not apply to points without one of their parameters', () => {
    const space: SpaceDefinition = {
      on: { type: 'categorical', choices: [true, false] },
      x: { type: 'float', low: 0, high: 1, when: { on: [true] } },
    };
    const { contains } = createSpace(space, [call('ge', name('x'), value(0.5))]);
    expect(contains({ on: false })).toBe(true);
    expect(contains({ on: true, x: 0.4 })).toBe(false);
    expect(contains({ on: true, x: 0.5 })).toBe(true);
  });

  it('exclude a point for which a side is not a number', () => {
    const text: SpaceDefinition = { x: { type: 'categorical', choices: ['a', 2] } };
    expect(createSpace(text, [call('le', name('x'), value(3))]).contains({ x: 'a' })).toBe(false);
  });

  it('are rare if they hold for too few random points, alone or together', () => {
    const impossible = call('le', value(2), name('x'));
    const [below, above] = [call('lt', name('x'), value(0.4)), call('gt', name('x'), value(0.6))];
    const find = (...constraints: Constraint[]) => findRareConstraints(createSpace(square), constraints, 1e-3);
    expect(find(sum)).toEqual({ together: false, each: [] });
    expect(find(sum, impossible)).toEqual({ together: true, each: [1] });
    expect(find(below, above)).toEqual({ together: true, each: [] });
  });

  it('are judged by fewer points if they have many operations or the space has many parameters', () => {
    const countDraws = (space: Space, constraints: readonly Constraint[]): number => {
      let draws = 0;
      const counting = { ...space, draw: (uniforms: Float64Array) => (draws++, space.draw(uniforms)) };
      findRareConstraints(counting, constraints, 1e-3);
      return draws;
    };
    const impossible = call('le', value(2), name('x'));
    const long = Array.from({ length: 1_000 }).reduce<Constraint>((a) => call('add', a, name('x')), value(0));
    const many = Array.from({ length: 200 }, (_, i) => [`x${i}`, square.x!] as const);
    const space = createSpace(square);
    expect(countDraws(space, [sum])).toBeLessThan(50);
    expect(countDraws(space, [impossible])).toBe(5_000);
    expect(countDraws(space, [call('ge', long, value(0)), impossible])).toBe(1_000);
    expect(countDraws(createSpace({ ...square, ...Object.fromEntries(many) }), [impossible])).toBe(1_000);
  });
});
