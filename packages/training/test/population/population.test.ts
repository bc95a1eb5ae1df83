import type { TrainingObjective, TrainingObjectiveInput } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/backends/index.ts';
import type { DataSet } from '../../src/data/data-set.ts';
import { twoGaussians } from '../../src/data/two-gaussians.ts';
import { mergeExpressions } from '../../src/population/merge-expressions.ts';
import { type PopulationProgram, runPopulation } from '../../src/population/run-population.ts';
import { isInstalled, testOptions } from '../backends/installed.ts';
import { createObjective, currentOps, randomImages } from '../engine/helpers.ts';

/** The rounding of float32 over some steps; the losses are between 0.1 and 3. */
const TOLERANCE = 2e-5;
const STEPS = 6;
const POINTS = [
  { u: [0.7], b: [-0.2], v: [0.9], d: 0.4 },
  { u: [-1.1], b: [0.3], v: [0.5], d: 0.8 },
  { u: [0.2], b: [0.1], v: [-0.6], d: 0.6 },
];

type Input = Omit<TrainingObjectiveInput, 'kind' | 'backward' | 'dataset'>;
type Change = Partial<Pick<Input, 'gradientNoise'>> & { network?: Input['network'] };

/** One objective for each point, which differ only in the b-function of a layer. */
function createObjectives(dataset: TrainingObjectiveInput['dataset'], layer: string, input: Input) {
  return POINTS.map((weights) =>
    createObjective({
      ...input,
      dataset,
      backward: [{ layer, derivative: { kind: 'meta-network', hidden: 1, activation: 'tanh', weights } }],
    }),
  );
}

const gaussians = { name: 'two-gaussians', train: 100, validation: 0 } as const;
const images = {
  name: 'own',
  set: 'small',
  shape: [8, 8, 1] as [number, number, number],
  classes: 10,
  train: 20,
  validation: 0,
} as const;
const imageData = randomImages([8, 8, 1], 10, 20, 0);

const cases: [string, TrainingObjective[], DataSet][] = [
  [
    'an MLP with two frozen layers',
    createObjectives(gaussians, 'relu2', {
      network: { name: 'mlp', hidden: [8, 8] },
      optimizer: { name: 'adam', learningRate: 0.1 },
      frozen: ['fc1', 'fc3'],
      epochs: STEPS,
      batchSize: 50,
    }),
    twoGaussians({ ...gaussians, dimension: 2, mean: 1, sd: 1, seed: 1 }),
  ],
  [
    'an MLP with biases and weight decay on images',
    createObjectives(images, 'relu1', {
      network: { name: 'mlp', hidden: [6], bias: true },
      optimizer: { name: 'momentum', learningRate: 0.01, weightDecay: 0.01 },
      epochs: STEPS,
      batchSize: 10,
    }),
    imageData,
  ],
  [
    'convolutions with batch norm and pooling',
    createObjectives(images, 'relu2', {
      network: { name: 'cnn', filters: [2, 3] },
      optimizer: { name: 'adadelta', learningRate: 0.1 },
      epochs: STEPS,
      batchSize: 10,
    }),
    imageData,
  ],
  [
    'convolutions with biases',
    createObjectives(images, 'relu1', {
      network: { name: 'cnn', filters: [3, 2], batchNorm: false },
      optimizer: { name: 'sgd', learningRate: 0.01 },
      epochs: STEPS,
      batchSize: 10,
    }),
    imageData,
  ],
];

describe.each(['wasm', 'tensorflow'] as const)('a population on %s', (backend) => {
  const isPresent = isInstalled(backend);
  beforeAll(async () => {
    if (isPresent) await useBackend(backend, testOptions);
  });

  const run = async (program: PopulationProgram, objectives: readonly TrainingObjective[], data: DataSet) =>
    (await runPopulation(objectives, data, { program, ops: currentOps(), warmUp: 2, steps: STEPS - 2 })).losses;

  it.skipIf(!isPresent).each(cases)('has the losses of separate trainings: %s', async (_, objectives, data) => {
    const separate = await run('separate', objectives, data);
    const tensors = tf.memory().numTensors;
    const joined = await run('joined', objectives, data);
    const stacked = await run('stacked', objectives, data);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(joined).toEqual(separate);
    for (const [i, losses] of separate.entries()) {
      expect(losses).toHaveLength(STEPS);
      for (const [step, loss] of losses.entries()) expect(Math.abs(stacked[i]![step]! - loss)).toBeLessThan(TOLERANCE);
    }
    // The b-functions matter: no two networks have the same losses.
    expect(new Set(separate.map((losses) => losses.at(-1))).size).toBe(POINTS.length);
  });
});

describe('stacked networks', () => {
  beforeAll(() => useBackend('wasm'));

  it.each([
    ['dropout', { network: { name: 'simplenet', width: 0.02, dropout: 0.5 } }],
    [
      'layers',
      {
        network: {
          name: 'custom',
          layers: [
            { type: 'layer-norm', name: 'n' },
            { type: 'dense', name: 'fc', units: 10 },
          ],
        },
      },
    ],
    ['gradient noise', { gradientNoise: { eta: 0.1 } }],
  ] as [string, Change][])('refuse what they cannot train: %s', async (named, change) => {
    const base = { network: { name: 'cnn' }, optimizer: { name: 'sgd', learningRate: 0.1 } } as const;
    const objective = createObjective({ ...base, dataset: images, batchSize: 10, ...change });
    const options = { program: 'stacked', ops: currentOps(), warmUp: 0, steps: 1 } as const;
    await expect(runPopulation([objective], imageData, options)).rejects.toThrow(named);
  });
});

describe('mergeExpressions', () => {
  const z = { kind: 'variable', name: 'z' } as const;
  const times = (value: number) => ({ kind: 'call', name: 'mul', operands: [{ kind: 'number', value }, z] }) as const;

  it('keeps equal numbers and makes variables of others', () => {
    expect(mergeExpressions([times(2), times(2)])).toEqual({ expression: times(2), numbers: new Map() });
    expect(mergeExpressions([times(2), times(3)]).numbers).toEqual(new Map([['number0', [2, 3]]]));
  });

  it('refuses expressions of different form', () => {
    expect(() => mergeExpressions([times(2), z])).toThrow(RangeError);
    expect(() => mergeExpressions([z, times(2)])).toThrow(RangeError);
  });
});
