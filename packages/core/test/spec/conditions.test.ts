import type { SpaceDefinition } from '@gradsmith/bayesopt';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../src/domain/index.ts';
import { completePoint } from '../../src/domain/point.ts';
import { applyPoint } from '../../src/objective/apply-point.ts';
import { trainingObjectiveSchema } from '../../src/objective/schema.ts';
import { buildSearchSpace, parseJob } from '../../src/spec/index.ts';

const base = {
  name: 'conditional',
  objective: {
    kind: 'training',
    dataset: { name: 'two-gaussians' },
    network: { name: 'mlp' },
    optimizer: { name: 'sgd', learningRate: 0.5, warmup: 3 },
    backward: [{ layer: 'relu1', derivative: { kind: 'leaky-relu' } }],
  },
  search: { trials: 3 },
};
const optimizer = { at: '/optimizer/name', type: 'categorical', choices: ['sgd', 'momentum', 'adamw'] };
const space = {
  optimizer,
  rate: { at: '/optimizer/learningRate', type: 'float', low: 1e-4, high: 1, scale: 'log' },
  momentum: { at: '/optimizer/momentum', type: 'float', low: 0, high: 0.9, when: { optimizer: ['momentum'] } },
  decay: { at: '/optimizer/weightDecay', type: 'float', low: 0, high: 0.1, when: { optimizer: ['adamw'] } },
};

function listRefusals(changes: object): string[] {
  try {
    parseJob({ ...base, space: { ...space, ...changes } });
    return [];
  } catch (error) {
    return (error as InvalidInput).problems.map(({ path, message }) => `${path.join('.')} ${message}`);
  }
}

describe('conditions of a training', () => {
  const spec = parseJob({ ...base, space });
  const objective = trainingObjectiveSchema.parse(spec.objective);
  const { bindings } = buildSearchSpace(spec);

  it.each([
    [
      { optimizer: 'momentum', rate: 0.1, momentum: 0.5 },
      { name: 'momentum', momentum: 0.5, weightDecay: 0 },
    ],
    [
      { optimizer: 'adamw', rate: 0.1, decay: 0.02 },
      { name: 'adamw', beta1: 0.9, weightDecay: 0.02 },
    ],
    [
      { optimizer: 'sgd', rate: 0.1 },
      { name: 'sgd', weightDecay: 0 },
    ],
  ])('%j trains with %j; what is inactive has the default of the optimizer', (point, expected) => {
    const trained = applyPoint(objective, bindings, point).optimizer;
    expect(trained).toMatchObject({ ...expected, learningRate: 0.1, warmup: 3 });
  });

  it('without a value, a setting keeps that of the job file', () => {
    const job = parseJob({
      ...base,
      space: {
        slow: { at: '/backward/0/mask', type: 'categorical', choices: [true, false] },
        rate: { ...space.rate, when: { slow: [true] } },
      },
    });
    const point = { slow: false };
    expect(applyPoint(objective, buildSearchSpace(job).bindings, point).optimizer.learningRate).toBe(0.5);
  });

  it.each<[string, object, string]>([
    [
      'a setting that the optimizers of its condition do not have',
      { beta: { at: '/optimizer/beta1', type: 'float', low: 0, high: 0.9, when: { optimizer: ['sgd', 'adamw'] } } },
      'space.optimizer sgd has nothing at beta1, which beta sets; with when: { optimizer: […] }',
    ],
    [
      'a setting without a condition that only some optimizers have',
      { beta: { at: '/optimizer/beta1', type: 'float', low: 0, high: 0.9 } },
      'space.optimizer sgd has nothing at beta1',
    ],
    [
      'a range that the setting refuses',
      { momentum: { ...space.momentum, high: 2 } },
      'space.momentum /optimizer/momentum must be a number of at least 0 and less than 1, not 2',
    ],
    [
      'an unknown parameter',
      { decay: { ...space.decay, when: { optimiser: ['adamw'] } } },
      'space.decay.when.optimiser',
    ],
    ['a value that is not there', { decay: { ...space.decay, when: { optimizer: ['adam'] } } }, 'is not a value of'],
    ['a cycle', { optimizer: { ...optimizer, when: { optimizer: ['sgd'] } } }, 'must not depend on itself'],
  ])('refuses %s', (_, changes, message) => expect(listRefusals(changes).join('\n')).toContain(message));

  it('refuses a condition for a weight that the b-function needs', () => {
    const backward = [{ layer: 'relu1', derivative: { kind: 'meta-network' } }];
    const relu = { 'relu1.u': { type: 'float', low: 0, high: 1, when: { optimizer: ['sgd'] } } };
    const job = { ...base, objective: { ...base.objective, backward }, space: { ...space, ...relu } };
    expect(() => parseJob(job)).toThrow('weight of a meta-network');
  });
});

describe('points of a client', () => {
  const definition: SpaceDefinition = {
    kind: { type: 'categorical', choices: ['a', 'b'] },
    depth: { type: 'int', low: 1, high: 3, when: { kind: ['b'] } },
    fixed: { type: 'constant', value: 7, when: { kind: ['b'] } },
  };
  const refuse = (point: Record<string, string | number>): string => {
    try {
      return JSON.stringify(completePoint(definition, point));
    } catch (error) {
      return (error as InvalidInput).problems.map(({ path, message }) => `${path.join('.')} ${message}`).join('\n');
    }
  };

  it('are completed with the constants that are active', () => {
    expect(completePoint(definition, { kind: 'a' })).toEqual({ kind: 'a' });
    expect(completePoint(definition, { kind: 'b', depth: 2 })).toEqual({ kind: 'b', depth: 2, fixed: 7 });
  });

  it('are refused with a value that is inactive, and without one that is active', () => {
    expect(refuse({ kind: 'a', depth: 1 })).toBe(
      'point.depth has no value in this point; it takes one only when kind is b',
    );
    expect(refuse({ kind: 'b' })).toBe('point.depth is missing; it takes a whole number from 1 to 3');
  });

  it('are checked among the known results of a job', () => {
    const job = {
      name: 'known',
      objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
      space: definition,
      search: { trials: 3, known: [{ point: { kind: 'a', depth: 1 }, value: 1 }] },
    };
    expect(() => parseJob(job)).toThrow('depth has no value in this point');
    expect(() =>
      parseJob({ ...job, search: { trials: 3, known: [{ point: { kind: 'a' }, value: 1 }] } }),
    ).not.toThrow();
  });
});
