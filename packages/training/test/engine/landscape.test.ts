import { decodeCurve } from '@gradsmith/core/domain';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { type BackendDescription, useBackend } from '../../src/backends/index.ts';
import { twoGaussians } from '../../src/data/two-gaussians.ts';
import { measureLandscape, train } from '../../src/engine/index.ts';
import { createObjective } from './helpers.ts';

let backend: BackendDescription;
beforeAll(async () => {
  backend = await useBackend('wasm');
});

it('the landscape has the losses of a training at the weights that it recorded', async () => {
  const dataset = { name: 'two-gaussians', train: 50, validation: 0 } as const;
  const objective = createObjective({
    dataset,
    network: { name: 'mlp', hidden: [5, 4] },
    optimizer: { name: 'adam', learningRate: 0.1 },
    epochs: 80,
    batchSize: 50,
    backward: [{ layer: 'relu2', derivative: { kind: 'silu' } }],
    frozen: ['fc1', 'fc3'],
    record: { weights: 'fc2' },
  });
  const spec = objective.dataset;
  if (spec.name !== 'two-gaussians') throw new Error('not the data of this test');
  const data = twoGaussians(spec);
  const { recording, curve } = await train(objective, data, { backend });
  const weights = decodeCurve(recording!.weights);
  const places = Array.from({ length: 80 }, (_, i) => weights.slice(i * 20, (i + 1) * 20));
  const before = tf.memory().numTensors;
  const losses = await measureLandscape(objective, data, places, { layer: 'fc2', examples: 50 });
  expect(tf.memory().numTensors).toBe(before);
  for (const [i, loss] of decodeCurve(curve).entries()) expect(losses[i]).toBeCloseTo(loss, 5);
});

it('a network with dropout has no landscape', async () => {
  const objective = createObjective({
    dataset: { name: 'mnist', train: 100 },
    network: { name: 'simplenet' },
    optimizer: { name: 'sgd' },
  });
  const data = twoGaussians({ name: 'two-gaussians', dimension: 2, train: 10, validation: 0, mean: 1, sd: 1, seed: 0 });
  await expect(measureLandscape(objective, data, [], { layer: 'conv2', examples: 1 })).rejects.toThrow('batch norm');
});
