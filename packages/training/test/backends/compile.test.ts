import type { TrainingObjectiveInput } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { memory, scalar, tensor, tensor1d, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { getKernelOps, useBackend } from '../../src/backends/index.ts';
import { createObjective, relativeError } from '../engine/helpers.ts';
import { computeTrajectory } from '../engine/trajectory.ts';
import { isInstalled, testOptions } from './installed.ts';

const values = async (tensors: readonly Tensor[]) => Promise.all(tensors.map(async (each) => [...(await each.data())]));

describe.skipIf(!isInstalled('tensorflow'))('a computation compiled on tensorflow', () => {
  beforeAll(async () => {
    await useBackend('tensorflow', testOptions);
  });

  const compile = getKernelOps('tensorflow').compile;

  it('depends on its inputs and on captured tensors', async () => {
    const weights = tidy(() => tf.mul(tensor1d([1, 2, 3]), 2));
    const compiled = compile(([x, y]) => [
      tf.add(tf.mul(x!, weights), y!),
      tf.sum(x!),
      ...tf.split(tf.mul(x!, 0.5), [1, 2]),
    ]);
    for (const [a, b] of [
      [1, 10],
      [2, 20],
      [-3, 0],
    ] as const) {
      const made = tidy(() => compiled.run([tensor1d([a, 0, a]), scalar(b)]));
      expect(await values(made)).toEqual([[2 * a + b, b, 6 * a + b], [2 * a], [a / 2], [0, a / 2]]);
    }
    compiled.dispose();
  });

  it('returns an input, a result twice, and a constant', async () => {
    const compiled = compile(([x]) => {
      const doubled = tf.mul(x!, 2);
      return [tf.clone(x!), doubled, tf.clone(doubled), tensor1d([7, 8])];
    });
    for (const a of [3, 4])
      expect(await values(tidy(() => compiled.run([scalar(a)])))).toEqual([[a], [2 * a], [2 * a], [7, 8]]);
    compiled.dispose();
  });

  it('separates the numbers of two similar computations', async () => {
    const [twice, thrice] = [2, 3].map((factor) => compile(([x]) => [tf.mul(x!, factor)]));
    for (const a of [1, 5]) {
      expect(await values(tidy(() => [...twice!.run([scalar(a)]), ...thrice!.run([scalar(a)])]))).toEqual([
        [2 * a],
        [3 * a],
      ]);
    }
    twice!.dispose();
    thrice!.dispose();
  });

  it('survives the creation and disposal of many others', async () => {
    const kept = compile(([x]) => [tf.add(x!, 1)]);
    tidy(() => kept.run([scalar(0)]));
    for (let length = 1; length <= 12; length++) {
      const other = compile(([x]) => [tf.reshape(x!, [1, length])]);
      expect(await values(tidy(() => other.run([tensor(new Float32Array(length).fill(length))])))).toEqual([
        Array.from({ length }, () => length),
      ]);
      other.dispose();
    }
    expect(await values(tidy(() => kept.run([scalar(41)])))).toEqual([[42]]);
    kept.dispose();
  });

  it('refuses inputs of another shape', () => {
    const compiled = compile(([x]) => [tf.sum(x!)]);
    tidy(() => compiled.run([tensor1d([1, 2])]));
    expect(() => tidy(() => compiled.run([tensor1d([1, 2, 3])]))).toThrow(
      'another shape than at its first run: 3, not 2',
    );
    compiled.dispose();
  });

  it('leaves no tensor in memory', () => {
    const before = memory().numTensors;
    const compiled = compile(([x]) => [tf.exp(tf.mul(x!, 2))]);
    const made = [1, 2, 3].flatMap((i) => tidy(() => compiled.run([scalar(i)])));
    compiled.dispose();
    expect(memory().numTensors).toBe(before + made.length);
  });
});

// Everything that an optimizer derives from the step number must enter the compiled step at each call.
describe.skipIf(!isInstalled('tensorflow'))('a compiled training takes the same way as on wasm', () => {
  const base = {
    dataset: { name: 'two-gaussians' as const, dimension: 3 },
    network: { name: 'mlp' as const, hidden: [6] },
    batchSize: 8,
  } satisfies Partial<TrainingObjectiveInput>;
  type Change = Partial<TrainingObjectiveInput> & Pick<TrainingObjectiveInput, 'optimizer'>;
  const names = ['sgd', 'momentum', 'nesterov', 'rmsprop', 'adagrad', 'adam', 'adamw', 'adadelta', 'lion'] as const;

  it.each<[string, Change]>([
    ...names.map((name): [string, Change] => [name, { optimizer: { name, learningRate: 0.01 } }]),
    [
      'adam with everything',
      {
        optimizer: {
          name: 'adam',
          learningRate: 0.01,
          weightDecay: 0.1,
          decoupled: true,
          warmup: 4,
          schedule: { kind: 'cosine', floor: 0.1 },
          hypergradient: { rate: 1e-4 },
        },
        gradientNoise: { eta: 0.01 },
      },
    ],
    [
      'sgd with coupled decay and a frozen layer',
      { optimizer: { name: 'sgd', learningRate: 0.1, weightDecay: 0.1 }, frozen: ['fc1'] },
    ],
    [
      'an annealed surrogate',
      {
        optimizer: { name: 'sgd', learningRate: 0.5 },
        network: { name: 'mlp', hidden: [6], activation: 'tanh' },
        backward: [
          {
            layer: 'relu1',
            derivative: {
              kind: 'expression',
              formula: '(1 + a1 * t) / (1 + abs((z - m) / s))^2 * tanh(abs(d) / ds)',
              parameters: { a1: 5 },
            },
          },
        ],
      },
    ],
    [
      'dropout',
      {
        optimizer: { name: 'sgd', learningRate: 0.1 },
        network: {
          layers: [
            { type: 'dense', name: 'a', units: 16 },
            { type: 'dropout', name: 'b', rate: 0.5 },
            { type: 'dense', name: 'c', units: 2 },
          ],
        },
      },
    ],
  ])('%s', async (_, change) => {
    const spec = createObjective({ ...base, ...change });
    await useBackend('wasm');
    const expected = await computeTrajectory(spec, 12);
    await useBackend('tensorflow', testOptions);
    const { losses, end } = await computeTrajectory(spec, 12);
    expect(relativeError(losses, expected.losses)).toBeLessThan(1e-5);
    for (const [name, weights] of Object.entries(expected.end))
      expect(relativeError(end[name]!, weights), name).toBeLessThan(1e-4);
  });
});
