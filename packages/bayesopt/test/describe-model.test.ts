import { describe, expect, it } from 'vitest';
import { describeModel, type Observation, type SearchSettings, type SpaceDefinition } from '../src/index.ts';
import { createSobolPoints } from '../src/index.ts';

const settings: SearchSettings = { algorithm: 'random', initial: 1, seed: 4, direction: 'minimize' };

const space: SpaceDefinition = {
  a: { type: 'float', low: -1, high: 1 },
  rate: { type: 'float', low: 0.001, high: 1, scale: 'log' },
  kind: { type: 'categorical', choices: ['x', 'y'] },
};

/** The least value is 2, at a = 0.5, rate = 0.03 and kind x. */
function compute({ a, rate, kind }: Record<string, number | string | boolean>): number {
  return 2 + (Number(a) - 0.5) ** 2 + 0.3 * Math.log10(Number(rate) / 0.03) ** 2 + (kind === 'y' ? 0.2 : 0);
}

function observe(count: number, sign = 1): Observation[] {
  const uniforms = createSobolPoints(count, 3, 1);
  return Array.from({ length: count }, (_, number) => {
    const [u, v, w] = uniforms.subarray(3 * number, 3 * number + 3);
    const point = { a: 2 * u! - 1, rate: 10 ** (-3 + 3 * v!), kind: w! < 0.5 ? 'x' : 'y' };
    return { number, point, status: 'complete', value: sign * compute(point) };
  });
}

describe('the description of the model', () => {
  it('predicts values along each parameter, in the units of the metric', () => {
    const { point, slices } = describeModel(space, settings, observe(60));
    expect(slices.map(({ name }) => name).toSorted()).toEqual(['a', 'kind', 'rate']);
    for (const { name, at, mean, deviation } of slices) {
      expect([mean.length, deviation.length]).toEqual([at.length, at.length]);
      at.forEach((value, i) => expect(Math.abs(mean[i]! - compute({ ...point!, [name]: value }))).toBeLessThan(0.15));
      expect(deviation.every((one) => one >= 0 && one < 0.5)).toBe(true);
    }
    expect(slices.find(({ name }) => name === 'kind')!.at).toEqual(['x', 'y']);
  });

  it('covers two parameters row by row, the two that matter most or those that are named', () => {
    const history = observe(60);
    const { grid, point } = describeModel(space, settings, history);
    expect([grid!.x.name, grid!.y.name].toSorted()).toEqual(['a', 'rate']);
    const named = describeModel(space, settings, history, ['a', 'rate']).grid!;
    expect(named.x).toMatchObject({ name: 'a', at: expect.arrayContaining([-1, 1]) });
    named.y.at.forEach((rate, row) =>
      named.x.at.forEach((a, column) => {
        const mean = named.mean[row * named.x.at.length + column]!;
        expect(Math.abs(mean - compute({ ...point!, a, rate }))).toBeLessThan(0.2);
      }),
    );
    expect(describeModel(space, settings, history, ['a', 'kind']).grid).toBeNull();
  });

  it('has the sign of a metric that is maximized', () => {
    const low = describeModel(space, settings, observe(30));
    const high = describeModel(space, { ...settings, direction: 'maximize' }, observe(30, -1));
    expect(high.point).toEqual(low.point);
    expect(high.slices.map(({ mean }) => mean)).toEqual(low.slices.map(({ mean }) => mean.map((one) => -one)));
  });

  it('is that of the first of several objectives, with its direction', () => {
    const low = describeModel(space, settings, observe(30));
    const objectives = [{ direction: 'maximize' }, { direction: 'minimize' }] as const;
    const history = observe(30, -1).map(({ value, ...rest }) => ({ ...rest, values: [value!, 0] }));
    const first = describeModel(space, { ...settings, objectives }, history);
    expect(first.point).toEqual(low.point);
    expect(first.slices.map(({ mean }) => mean)).toEqual(low.slices.map(({ mean }) => mean.map((one) => -one)));
  });

  it('is drawn around the best feasible point, or the one nearest to it', () => {
    const limited = (limit: number) => observe(40).map((one) => ({ ...one, excess: [Number(one.point['a']) - limit] }));
    const feasible = describeModel(space, settings, limited(0)).point!;
    const allowed = observe(40).filter(({ point }) => Number(point['a']) <= 0);
    const best = allowed.reduce((a, b) => (b.value! < a.value! ? b : a)).point;
    expect(feasible['a']).toBeCloseTo(Number(best['a']), 12);
    const nearest = observe(40).reduce((a, b) => (Number(b.point['a']) < Number(a.point['a']) ? b : a));
    expect(describeModel(space, settings, limited(-2)).point!['a']).toBeCloseTo(Number(nearest.point['a']), 12);
  });

  it('has the best program, and no slice along programs', () => {
    const programs: SpaceDefinition = {
      rule: { type: 'program', operands: ['d', 'z'], functions: ['add', 'mul'], maxNodes: 5 },
      rate: { type: 'float', low: 0, high: 1 },
    };
    const history = ['d', 'd * z', 'd + z'].flatMap((rule, i) =>
      [0.2, 0.7].map((rate, j): Observation => {
        return { number: 2 * i + j, point: { rule, rate }, status: 'complete', value: Math.abs(i - 1) + rate };
      }),
    );
    const { point, slices, grid } = describeModel(programs, { ...settings, algorithm: 'evolution' }, history);
    expect(point).toEqual({ rule: 'd * z', rate: 0.2 });
    expect(slices.map(({ name }) => name)).toEqual(['rate']);
    expect(grid).toBeNull();
  });

  it('is empty if nothing varies', () => {
    const history = observe(5).map((one) => ({ ...one, value: 1 }));
    expect(describeModel(space, settings, history)).toEqual({ point: null, slices: [], grid: null });
  });

  it('leaves out parameters that are not active at the best point', () => {
    const conditional: SpaceDefinition = {
      kind: { type: 'categorical', choices: ['x', 'y'] },
      b: { type: 'float', low: 0, high: 1, when: { kind: ['y'] } },
    };
    const history: Observation[] = [
      { number: 0, point: { kind: 'x' }, status: 'complete', value: 1 },
      { number: 1, point: { kind: 'y', b: 0.5 }, status: 'complete', value: 2 },
      { number: 2, point: { kind: 'y', b: 0.1 }, status: 'complete', value: 3 },
    ];
    expect(describeModel(conditional, settings, history).slices.map(({ name }) => name)).toEqual(['kind']);
  });
});
