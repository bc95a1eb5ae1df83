import { planTraining } from '@gradsmith/core/objective';
import { describe, expect, it } from 'vitest';
import { drawNormal, randomSource } from '../../src/data/random.ts';
import { createObjective, drawExamples, sgd } from '../engine/helpers.ts';
import { type NdArray, ndarray, countElements } from './array.ts';
import { referenceGradients } from './network.ts';

/** Without an estimator in binary layers, whose derivative a difference of losses cannot show. */
const custom = (layers: unknown[]) =>
  createObjective({
    dataset: { name: 'mnist', train: 10 },
    batchSize: 2,
    optimizer: sgd,
    network: { layers: [...layers, { type: 'dense', name: 'fc', units: 10 }] } as never,
  });

/** Shrinks the input, so that every weight can be tested quickly. */
function smallPlan(layers: unknown[]) {
  const plan = planTraining(custom([{ type: 'pool', name: 'shrink', kind: 'average', size: 4, stride: 4 }, ...layers]));
  return plan;
}

function randomWeights(plan: ReturnType<typeof smallPlan>): NdArray[][] {
  const random = randomSource(5);
  const draw = (shape: number[]) =>
    ndarray(
      shape,
      Float64Array.from({ length: countElements(shape) }, () => 0.5 * drawNormal(random)),
    );
  return plan.layers.map((layer, i) => {
    const { input, output } = plan.shape.layers[i]!;
    switch (layer.type) {
      case 'conv':
        return [draw([layer.kernel, layer.kernel, input[2]!, layer.filters]), draw([layer.filters])];
      case 'dense':
        return [draw([countElements(input), output[0]!]), draw([output[0]!])];
      case 'embedding':
        return [draw([layer.vocabulary, layer.channels])];
      case 'position':
        return [draw([...input])];
      case 'attention':
        return [draw([input[2]!, 3 * input[2]!]), draw([input[2]!, input[2]!])];
      case 'layer-norm':
      case 'batch-norm':
        return [draw([input.at(-1)!]), draw([input.at(-1)!])];
      default:
        return [];
    }
  });
}

const conv = (more: object = {}) => ({ type: 'conv', name: 'conv', filters: 3, ...more });
const CASES: Record<string, unknown[]> = {
  dense: [
    { type: 'dense', name: 'hidden', units: 4 },
    { type: 'activation', name: 'act', function: 'tanh' },
  ],
  'conv, same': [conv(), { type: 'activation', name: 'act', function: 'silu' }],
  'conv, valid, stride 2, kernel 2': [
    conv({ padding: 'valid', stride: 2, kernel: 2 }),
    { type: 'activation', name: 'act', function: 'relu' },
  ],
  'conv, same, stride 2': [conv({ stride: 2 }), { type: 'activation', name: 'act', function: 'elu' }],
  'batch norm after conv': [
    conv(),
    { type: 'batch-norm', name: 'bn' },
    { type: 'activation', name: 'act', function: 'relu' },
  ],
  'batch norm after dense': [
    { type: 'dense', name: 'hidden', units: 4 },
    { type: 'batch-norm', name: 'bn' },
    { type: 'activation', name: 'act', function: 'gelu' },
  ],
  'max pool, overlapping, padded': [conv(), { type: 'pool', name: 'pool', size: 3, stride: 2, padding: 'same' }],
  'layer norm, add, concat': [
    conv({ padding: 'symmetric', stride: 2, kernel: 4 }),
    { type: 'layer-norm', name: 'norm' },
    { type: 'activation', name: 'act', function: 'tanh' },
    { type: 'add', name: 'sum', inputs: ['act', 'conv'] },
    { type: 'concat', name: 'both', inputs: ['sum', 'norm'] },
  ],
  'shortcut, global average pool': [
    conv(),
    { type: 'activation', name: 'act', function: 'tanh' },
    { type: 'shortcut', name: 'shortcut', filters: 5, stride: 2 },
    { type: 'global-average-pool', name: 'mean' },
  ],
  // Without the estimator of sign, what is left is the derivative of the scale of each filter.
  'binary weights': [conv({ weights: 'binary' }), { type: 'dense', name: 'hidden', units: 4, weights: 'binary' }],
  'average pool': [conv(), { type: 'pool', name: 'pool', kind: 'average', size: 3, stride: 2 }],
};

const tokenPlan = planTraining(
  createObjective({
    dataset: { name: 'marked-letter', length: 5, letters: 3 },
    optimizer: sgd,
    network: {
      layers: [
        { type: 'embedding', name: 'embed', vocabulary: 4, channels: 4 },
        { type: 'position', name: 'position' },
        { type: 'attention', name: 'attention', heads: 2 },
        { type: 'add', name: 'sum', inputs: ['attention', 'position'] },
        { type: 'layer-norm', name: 'norm', over: 'channels' },
        { type: 'activation', name: 'act', function: 'gelu' },
        { type: 'dense', name: 'fc', units: 3 },
      ],
    },
  }),
);

describe('the float64 reference is the derivative of its own loss where g = σ′', () => {
  const small = Object.entries(CASES).map(([name, layers]) => [name, smallPlan(layers)] as const);

  it.each([...small, ['embedding, position, attention', tokenPlan] as const])('%s', (_name, plan) => {
    const weights = randomWeights(plan);
    const { x, labels } = drawExamples(plan, 3);
    const backward = plan.layers.flatMap((layer) =>
      'weights' in layer ? [{ layer: layer.name, mask: false, derivative: { kind: 'relu', scale: 0 } as never }] : [],
    );
    const { gradients } = referenceGradients(plan, weights, x, labels, { backward });
    for (const [i, layer] of weights.entries()) {
      for (const [j, { data }] of layer.entries()) {
        for (let k = 0; k < data.length; k += Math.ceil(data.length / 12)) {
          const kept = data[k]!;
          const h = 1e-5;
          const [above, below] = [kept + h, kept - h].map((value) => {
            data[k] = value;
            return referenceGradients(plan, weights, x, labels).loss;
          }) as [number, number];
          data[k] = kept;
          const analytic = gradients[i]![j]!.data[k]!;
          expect(Math.abs((above - below) / (2 * h) - analytic)).toBeLessThan(1e-8 + 1e-6 * Math.abs(analytic));
        }
      }
    }
  });
});
