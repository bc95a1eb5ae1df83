import { decodeCurve, type TrialResult } from '@gradsmith/core/domain';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BackendDescription, useBackend } from '../../src/backends/index.ts';
import { twoGaussians } from '../../src/data/two-gaussians.ts';
import { train } from '../../src/engine/train.ts';
import { createObjective, currentOps } from './helpers.ts';

let backend: BackendDescription;
beforeAll(async () => {
  backend = await useBackend('wasm');
});

type Input = Partial<Parameters<typeof createObjective>[0]>;

const createSpec = (change: Input = {}) =>
  createObjective({
    dataset: { name: 'two-gaussians', train: 60, validation: 0 },
    network: { name: 'mlp', hidden: [5, 4] },
    optimizer: { name: 'sgd', learningRate: 0.1 },
    epochs: 3,
    batchSize: 20,
    record: { weights: 'fc2' },
    ...change,
  });

function run(change: Input = {}): Promise<TrialResult> {
  const spec = createSpec(change);
  const { dataset } = spec;
  if (dataset.name !== 'two-gaussians') throw new Error('not the data of this test');
  return train(spec, twoGaussians(dataset), { backend, ops: currentOps() });
}

const withG = (kind: 'straight-through' | 'relu', scale = 1): Input => ({
  backward: [{ layer: 'relu2', derivative: { kind, scale } }],
});

describe('recorded weights', () => {
  it('are those of every step, from the initial ones to the last', async () => {
    const { recording } = await run();
    const weights = decodeCurve(recording!.weights);
    expect(recording).toMatchObject({ layer: 'fc2', shape: [5, 4], steps: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] });
    expect(weights).toHaveLength(10 * 20);
    const { recording: first } = await run({ epochs: 1 });
    expect([...weights.subarray(0, 80)]).toEqual([...decodeCurve(first!.weights)]);
    const { recording: still } = await run({ optimizer: { name: 'sgd', learningRate: 0 } });
    expect([...decodeCurve(still!.weights).subarray(180)]).toEqual([...weights.subarray(0, 20)]);
  });

  it('can be fewer, and always have the last', async () => {
    const { recording } = await run({ record: { weights: 'fc2', every: 4 } });
    expect(recording!.steps).toEqual([0, 4, 8, 9]);
    expect(recording!.cosines).toHaveLength(3);
  });

  it('leave losses and value as they are, and no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const recorded = await run(withG('straight-through'));
    expect(tf.memory().numTensors).toBe(before);
    const plain = await run({ ...withG('straight-through'), record: undefined });
    expect(plain.recording).toBeUndefined();
    expect(recorded.curve).toBe(plain.curve);
    expect(recorded.value).toBe(plain.value);
  });
});

describe('the cosine with the true gradient', () => {
  it('is 1 for backpropagation and for a positive constant', async () => {
    for (const change of [{}, withG('relu', 3)])
      for (const cosine of (await run(change)).recording!.cosines) expect(cosine).toBeCloseTo(1, 5);
  });

  it('compares under the same dropout, also if g takes the progress of the training', async () => {
    const { recording } = await run({
      network: {
        layers: [
          { type: 'dense', name: 'fc1', units: 6 },
          { type: 'activation', name: 'act', function: 'tanh' },
          { type: 'dropout', name: 'drop' },
          { type: 'dense', name: 'fc2', units: 2 },
        ],
      },
      record: { weights: 'fc1' },
      backward: [{ layer: 'act', derivative: { kind: 'expression', formula: 'slope * (1 + t)' } }],
    });
    for (const cosine of recording!.cosines) expect(cosine).toBeCloseTo(1, 5);
  });

  it('is −1 for a negative constant, and 0 for none', async () => {
    for (const cosine of (await run(withG('relu', -2))).recording!.cosines) expect(cosine).toBeCloseTo(-1, 5);
    expect(new Set((await run(withG('relu', 0))).recording!.cosines)).toEqual(new Set([null]));
  });

  it('is between them for another derivative, and its summary is among the metrics', async () => {
    const { recording, metrics } = await run(withG('straight-through'));
    const cosines = recording!.cosines.map((cosine) => cosine!);
    expect(Math.max(...cosines)).toBeLessThan(0.99999);
    expect(metrics['cosine.mean']).toBeCloseTo(cosines.reduce((sum, cosine) => sum + cosine, 0) / 9, 10);
    expect(metrics['cosine.least']).toBe(Math.min(...cosines));
  });
});
