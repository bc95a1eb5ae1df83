import type { Parameter } from '@gradsmith/bayesopt';
import { describe, expect, it } from 'vitest';
import { applyPoint } from '../../src/objective/apply-point.ts';
import { checkBounds } from '../../src/objective/check-bounds.ts';
import { type TrainingObjectiveInput, trainingObjectiveSchema } from '../../src/objective/schema.ts';
import { listSearchables } from '../../src/objective/searchable-fields.ts';

const objective = (derivative: object, change: Partial<TrainingObjectiveInput> = {}) =>
  trainingObjectiveSchema.parse({
    kind: 'training',
    dataset: { name: 'cifar10' },
    network: { name: 'simplenet' },
    optimizer: { name: 'adadelta' },
    backward: [
      { layer: 'relu3', derivative: { kind: 'elu' } },
      { layer: 'relu7', derivative },
    ],
    ...change,
  });

describe('free meta-weights', () => {
  it('of one hidden unit are u, b, v, d', () => {
    const { free } = listSearchables(objective({ kind: 'meta-network' }));
    expect(Object.entries(free).map(([name, { at, parameter }]) => [name, at, parameter])).toEqual([
      ['relu7.u', '/backward/1/derivative/weights/u/0', { type: 'float', low: 0, high: 5 }],
      ['relu7.b', '/backward/1/derivative/weights/b/0', { type: 'float', low: -3, high: 3 }],
      ['relu7.v', '/backward/1/derivative/weights/v/0', { type: 'float', low: -3, high: 3 }],
      ['relu7.d', '/backward/1/derivative/weights/d', { type: 'float', low: -3, high: 3 }],
    ]);
  });

  it('of several units are numbered, without biases if there are none', () => {
    expect(Object.keys(listSearchables(objective({ kind: 'meta-network', hidden: 2 })).free)).toEqual([
      'relu7.u1',
      'relu7.u2',
      'relu7.b1',
      'relu7.b2',
      'relu7.v1',
      'relu7.v2',
      'relu7.d',
    ]);
    expect(Object.keys(listSearchables(objective({ kind: 'meta-network', bias: false })).free)).toEqual([
      'relu7.u',
      'relu7.v',
    ]);
  });

  it('have the name of the first layer if layers share them', () => {
    const shared = { backward: [{ layer: ['relu7', 'relu8'], derivative: { kind: 'meta-network' as const } }] };
    const { free } = listSearchables(objective({}, shared));
    expect(Object.keys(free)).toEqual(['relu7.u', 'relu7.b', 'relu7.v', 'relu7.d']);
  });

  it('of a dictionary are its coefficients, by depth also their changes', () => {
    const free = (change: object) =>
      Object.entries(listSearchables(objective({ kind: 'dictionary', bases: ['relu', 'z'], ...change })).free);
    expect(free({}).map(([name, { at }]) => [name, at])).toEqual([
      ['relu7.c1', '/backward/1/derivative/coefficients/c/0'],
      ['relu7.c2', '/backward/1/derivative/coefficients/c/1'],
    ]);
    expect(free({ byDepth: true }).map(([name]) => name)).toEqual(['relu7.c1', 'relu7.c2', 'relu7.e1', 'relu7.e2']);
    expect(free({})[0]![1].parameter).toEqual({ type: 'float', low: -2, high: 2 });
    expect(free({ coefficients: { c: [1, 0] } })).toEqual([]);
  });

  it('are empty if weights are given or the b-function is of another kind', () => {
    expect(
      listSearchables(objective({ kind: 'meta-network', weights: { u: [1], b: [0], v: [1], d: 0 } })).free,
    ).toEqual({});
    expect(listSearchables(objective({ kind: 'silu' })).free).toEqual({});
  });
});

describe('the allow-list', () => {
  const { allowed, isSearchable } = listSearchables(objective({ kind: 'leaky-relu' }, { gradientNoise: { eta: 0.1 } }));

  it.each([
    '/optimizer/name',
    '/optimizer/learningRate',
    '/optimizer/rho',
    '/optimizer/epsilon',
    '/network/dropout',
    '/backward/1/derivative/alpha',
    '/backward/1/derivative/scale',
    '/backward/1/derivative/stretch',
    '/backward/1/derivative/asymmetry',
    '/backward/1/derivative/kind',
    '/backward/1/mask',
    '/gradientNoise/eta',
  ])('has %s', (pointer) => {
    expect(isSearchable(pointer)).toBe(true);
    expect(allowed).toContain(pointer);
  });

  it.each([
    '/epochs',
    '/batchSize',
    '/seed',
    '/metric',
    '/backend',
    '/dataset/train',
    '/network/width',
    '/network/name',
    '/optimizer/momentum',
    '/optimizer/nothing',
    '/backward/0/layer',
    '/backward/9/mask',
    '/kind',
    '',
    '/__proto__/x',
  ])('has no %s', (pointer) => {
    expect(isSearchable(pointer)).toBe(false);
  });
});

it('α of mixed feedback can be searched; the bases and the penalty of a dictionary cannot', () => {
  const backward = [{ layer: 'conv3', transpose: { kind: 'mixed' as const } }];
  expect(listSearchables(objective({}, { backward })).isSearchable('/backward/0/transpose/alpha')).toBe(true);
  const { allowed } = listSearchables(objective({ kind: 'dictionary', bases: ['relu'], penalty: 0.1 }));
  expect(allowed.filter((at) => at.startsWith('/backward/1/'))).toEqual([
    '/backward/1/derivative/coefficients/c/0',
    '/backward/1/derivative/kind',
    '/backward/1/mask',
  ]);
});

describe('applying a point', () => {
  it('sets meta-weights and other fields in a copy of the objective', () => {
    const base = objective({ kind: 'meta-network' });
    const { free } = listSearchables(base);
    const bindings = {
      ...Object.fromEntries(Object.entries(free).map(([name, { at }]) => [name, at])),
      rate: '/optimizer/learningRate',
    };
    const concrete = applyPoint(base, bindings, {
      'relu7.u': 1.5,
      'relu7.b': -1,
      'relu7.v': 2,
      'relu7.d': 0.25,
      rate: 0.3,
    });
    expect(concrete.backward[1]!.derivative).toMatchObject({ weights: { u: [1.5], b: [-1], v: [2], d: 0.25 } });
    expect(concrete.optimizer.learningRate).toBe(0.3);
    expect(base.optimizer.learningRate).toBe(0.01);
    expect(base.backward[1]!.derivative).not.toHaveProperty('weights');
    expect(trainingObjectiveSchema.parse(JSON.parse(JSON.stringify(concrete)))).toEqual(concrete);
  });

  it('sets the coefficients of a dictionary', () => {
    const base = objective({ kind: 'dictionary', bases: ['relu', 'silu'], byDepth: true });
    const bindings = Object.fromEntries(Object.entries(listSearchables(base).free).map(([name, { at }]) => [name, at]));
    const point = { 'relu7.c1': 1, 'relu7.c2': -0.5, 'relu7.e1': 0.25, 'relu7.e2': 2 };
    expect(applyPoint(base, bindings, point).backward[1]!.derivative).toMatchObject({
      coefficients: { c: [1, -0.5], e: [0.25, 2] },
    });
  });

  it('a kind replaces the derivative first, in any order of names', () => {
    const bindings = { a: '/backward/1/derivative/scale', z: '/backward/1/derivative/kind' };
    const { derivative } = applyPoint(objective({ kind: 'leaky-relu', alpha: 0.3 }), bindings, { a: 2, z: 'gaussian' })
      .backward[1]!;
    expect(derivative).toEqual({ kind: 'gaussian', scale: 2, alpha: 1 });
  });

  it('refuses a value that its field refuses', () => {
    expect(() => applyPoint(objective({ kind: 'silu' }), { r: '/optimizer/rho' }, { r: 1 })).toThrow('rho');
  });
});

it('width and asymmetry can be searched together with the kind', () => {
  const base = objective({ kind: 'fast-sigmoid' });
  const place = (field: string) => `/backward/1/derivative/${field}`;
  const bindings = { kind: place('kind'), width: place('stretch'), skew: place('asymmetry') };
  const space = {
    kind: { type: 'categorical', choices: ['arctan', 'hard-tanh', 'straight-through'] },
    width: { type: 'float', low: 0.1, high: 10, scale: 'log' },
    skew: { type: 'float', low: -0.9, high: 0.9 },
  } as const;
  expect(checkBounds(base, space, bindings)).toEqual([]);
  expect(applyPoint(base, bindings, { kind: 'arctan', width: 2, skew: 0.5 }).backward[1]!.derivative).toEqual({
    kind: 'arctan',
    scale: 1,
    alpha: 2,
    stretch: 2,
    asymmetry: 0.5,
  });
});

describe('bounds', () => {
  it('are validated against the objective', () => {
    const space = {
      rho: { type: 'float', low: 0, high: 1 },
      kind: { type: 'categorical', choices: ['silu', 'none'] },
      rate: { type: 'float', low: 1e-4, high: 1, scale: 'log' },
    } as const;
    const bindings = { rho: '/optimizer/rho', kind: '/backward/1/derivative/kind', rate: '/optimizer/learningRate' };
    const found = checkBounds(objective({ kind: 'silu' }), space, bindings);
    expect(found.map(({ path }) => path)).toEqual([['rho'], ['kind']]);
    expect(found[0]!.message).toContain('/optimizer/rho must be a number of at least 0 and less than 1, not 1');
  });

  const warmed = objective(
    { kind: 'silu' },
    { optimizer: { name: 'adadelta', warmup: 5, schedule: { kind: 'step', every: 2, factor: 0.5 } } },
  );
  const whole = (parameter: Parameter, at = '/optimizer/warmup') =>
    checkBounds(warmed, { it: parameter }, { it: at }).map(({ message }) => message);

  it('of an integer field are those of an int, or of a float in whole steps', () => {
    const refused = [expect.stringContaining('takes whole numbers only')];
    expect(whole({ type: 'float', low: 0, high: 100 })).toEqual(refused);
    expect(whole({ type: 'float', low: 1, high: 100, scale: 'log' })).toEqual(refused);
    expect(whole({ type: 'float', low: 0, high: 100, step: 0.5 })).toEqual(refused);
    expect(whole({ type: 'float', low: 1, high: 4 }, '/optimizer/schedule/every')).toEqual(refused);
    expect(whole({ type: 'float', low: 0.5, high: 4.5 })).toEqual(refused);
    expect(whole({ type: 'int', low: 0, high: 100 })).toEqual([]);
    expect(whole({ type: 'float', low: 0, high: 100, step: 10 })).toEqual([]);
    expect(whole({ type: 'float', low: 3, high: 3 })).toEqual([]);
  });

  const kinds = (derivative: object, choices: string[], more: Record<string, [string, Parameter]> = {}) => {
    const base = objective(derivative);
    const free = Object.entries(listSearchables(base).free).map(
      ([name, { at, parameter }]): [string, [string, Parameter]] => [name, [at, parameter]],
    );
    const all = {
      kind: ['/backward/1/derivative/kind', { type: 'categorical', choices }] as [string, Parameter],
      ...Object.fromEntries(free),
      ...more,
    };
    const bindings = Object.fromEntries(Object.entries(all).map(([name, [at]]) => [name, at]));
    return checkBounds(
      base,
      Object.fromEntries(Object.entries(all).map(([name, [, parameter]]) => [name, parameter])),
      bindings,
    ).map(({ path, message }) => `${path.join('.')}: ${message}`);
  };
  const place = (name: string, low = 0.1): [string, Parameter] => [
    `/backward/1/derivative/${name}`,
    { type: 'float', low, high: 1 },
  ];

  it('of a searched kind are validated with the other searched parameters of its derivative', () => {
    expect(kinds({ kind: 'meta-network' }, ['silu', 'gelu'])).toEqual([
      expect.stringMatching(
        /^kind: silu has nothing at weights\/u\/0, .*, weights\/d, which relu7\.u, relu7\.b, relu7\.v, relu7\.d set/,
      ),
    ]);
    expect(kinds({ kind: 'leaky-relu' }, ['leaky-relu', 'relu'], { slope: place('alpha') })).toEqual([
      expect.stringMatching(/^kind: relu has nothing at alpha, which slope sets/),
    ]);
    expect(kinds({ kind: 'silu' }, ['silu', 'meta-network'])).toEqual([
      expect.stringMatching(/^kind: meta-network cannot be a choice/),
    ]);
    expect(
      kinds({ kind: 'leaky-relu' }, ['elu', 'gaussian', 'selu'], { slope: place('alpha'), factor: place('scale') }),
    ).toEqual([]);
    // The fixed weights make way for the kinds, which need none.
    expect(kinds({ kind: 'meta-network', weights: { u: [1], b: [0], v: [1], d: 0 } }, ['silu', 'gelu'])).toEqual([]);
    // Not finite at an end of its range: such trials diverge, which says something too.
    expect(kinds({ kind: 'rectangle' }, ['rectangle'], { width: place('width', 0) })).toEqual([]);
  });
});
