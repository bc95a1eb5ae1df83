import { planTraining, type TrainingObjective, type TrainingObjectiveInput } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it as vitestIt } from 'vitest';
import { type BackendDescription, useBackend } from '../../src/backends/index.ts';
import type { DataSet } from '../../src/data/data-set.ts';
import { drawNormal, randomSource } from '../../src/data/random.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/engine/checkpoint.ts';
import { drawWeights } from '../../src/engine/initialize.ts';
import { dropEntries } from '../../src/engine/layers/transpose.ts';
import { countStartRows } from '../../src/engine/layers/weight-mirror.ts';
import { NetworkRuntime } from '../../src/engine/network.ts';
import { createStream, drawNormals, drawSigns } from '../../src/engine/streams.ts';
import { TrainState } from '../../src/engine/train-state.ts';
import { train, type TrainingOptions } from '../../src/engine/train.ts';
import type { Batch } from '../../src/kernels/kernel-ops.ts';
import { isInstalled, testOptions } from '../backends/installed.ts';
import { countElements, mapArray, ndarray, type NdArray } from '../reference/array.ts';
import { referenceGradients } from '../reference/network.ts';
import { compareGradients, createObjective, currentOps, drawExamples, oneHot, relativeError } from './helpers.ts';

type Input = Omit<TrainingObjectiveInput, 'kind'>;

const STEPS = 6;
const BATCH = 8;

/** Two replaced layers, so that one sends its error through the other. */
const DENSE: Input = {
  dataset: { name: 'two-gaussians', dimension: 5 },
  network: { name: 'mlp', hidden: [6, 7], activation: 'tanh' },
  optimizer: { name: 'momentum', learningRate: 0.2, momentum: 0.5, weightDecay: 0.1 },
  batchSize: 100,
};
const CONV: Input = {
  ...DENSE,
  dataset: { name: 'mnist' },
  network: {
    layers: [
      { type: 'conv', name: 'conv1', filters: 2, stride: 3 },
      { type: 'activation', name: 'act1', function: 'tanh' },
      { type: 'conv', name: 'fc2', filters: 3, stride: 2 },
      { type: 'activation', name: 'act2', function: 'tanh' },
      { type: 'dense', name: 'fc3', units: 10 },
    ],
  },
};

/** Tokens: the replaced layers lie above embedding, positions and attention, which learn from what they deliver. */
const SEQUENCE: Input = {
  ...DENSE,
  dataset: { name: 'marked-letter', length: 6, letters: 4 },
  network: {
    layers: [
      { type: 'embedding', name: 'embed', vocabulary: 5, channels: 4, init: 'normal', sd: 1 },
      { type: 'position', name: 'position' },
      { type: 'attention', name: 'attention', heads: 2 },
      { type: 'add', name: 'sum', inputs: ['attention', 'position'] },
      { type: 'layer-norm', name: 'norm', over: 'channels' },
      { type: 'conv', name: 'fc2', filters: 6, kernel: 1 },
      { type: 'activation', name: 'act', function: 'tanh' },
      { type: 'dense', name: 'fc3', units: 4 },
    ],
  },
};

type Kind = 'kolen-pollack' | 'weight-mirror';

function withFeedback(input: Input, kind: Kind, changes: object = {}): TrainingObjective {
  const backward = [{ layer: ['fc2', 'fc3'], transpose: { kind, ...changes } }];
  return createObjective({ ...input, backward });
}

/** Trains some steps on one batch with the engine, and returns weights and matrices after each step. */
async function trainWithEngine(spec: TrainingObjective): Promise<Float32Array[][]> {
  const plan = planTraining(spec);
  const state = new TrainState(spec, { ...plan, steps: STEPS, stepsPerEpoch: STEPS }, currentOps());
  const examples = drawExamples(plan, BATCH);
  const x = tf.tensor(Float32Array.from(examples.x.data), [...examples.x.shape] as [number, number]) as Batch;
  const labels = oneHot(examples.labels, plan.classes);
  const steps: Float32Array[][] = [];
  for (let step = 0; step <= STEPS; step++) {
    const { optimizer, layers } = await state.read();
    steps.push([optimizer[0]!, ...layers.flat()]);
    if (step < STEPS) state.advance(x, labels).dispose();
  }
  tf.dispose([x, labels]);
  state.dispose();
  return steps;
}

/** The variables of each layer, their values before the first step, and how the matrices start. */
function drawStart(spec: TrainingObjective) {
  const plan = planTraining(spec);
  const network = new NetworkRuntime(plan, { seed: spec.seed, backward: [], frozen: [], ops: currentOps() });
  const variables = network.layers.map((layer) => layer.variables);
  network.dispose();
  const weights = variables.map((own, i) =>
    own.map((one, j) =>
      one.role === 'weight'
        ? ndarray(one.spec.shape, drawWeights(one.spec, createStream(spec.seed, 'weights', i, j)))
        : ndarray(one.shape, new Float64Array(countElements(one.shape)).fill(one.start)),
    ),
  );
  const feedback: Record<string, NdArray> = {};
  for (const [i, { name }] of plan.layers.entries()) {
    const [one] = variables[i]!;
    if ((name === 'fc2' || name === 'fc3') && one?.role === 'weight')
      feedback[name] = ndarray(one.spec.shape, drawWeights(one.spec, createStream(spec.seed, 'feedback', i)));
  }
  return { plan, variables, weights, feedback };
}

function countInputs(w: NdArray): number {
  return w.data.length / w.shape.at(-1)!;
}

/** Moves a matrix toward the correlation of noise with the outputs that it causes, in float64. */
function mirror(b: NdArray, w: NdArray, noise: Float32Array, rate: number): NdArray {
  const [units, inputs] = [w.shape.at(-1)!, countInputs(w)];
  const rows = noise.length / inputs;
  const correlation = new Float64Array(w.data.length);
  for (let n = 0; n < rows; n++)
    for (let j = 0; j < units; j++) {
      let y = 0;
      for (let i = 0; i < inputs; i++) y += noise[n * inputs + i]! * w.data[i * units + j]!;
      for (let i = 0; i < inputs; i++) correlation[i * units + j]! += (noise[n * inputs + i]! * y) / rows;
    }
  return mapArray(b, (value, i) => value + rate * (correlation[i]! - value));
}

/** Trains the same steps in float64. The parameters are weights and, with `kolen-pollack`, their matrices. */
function trainInFloat64(spec: TrainingObjective, kind: Kind, rate: number): Float64Array[][] {
  const { plan, variables, weights, feedback } = drawStart(spec);
  const { learningRate, momentum, weightDecay } = spec.optimizer as {
    learningRate: number;
    momentum: number;
    weightDecay: number;
  };
  const { x, labels } = drawExamples(plan, BATCH);
  const velocities = new Map<NdArray, Float64Array>();
  const update = (w: NdArray, gradient: NdArray, decay: number): void => {
    const velocity = velocities.get(w) ?? new Float64Array(w.data.length);
    velocities.set(w, velocity);
    for (let i = 0; i < w.data.length; i++) {
      velocity[i] = momentum * velocity[i]! + gradient.data[i]! + decay * w.data[i]!;
      w.data[i]! -= learningRate * velocity[i]!;
    }
  };
  const list = (): Float64Array[] =>
    [...weights.flat(), ...Object.values(feedback)].map(({ data }) => Float64Array.from(data));
  if (kind === 'weight-mirror')
    for (const [i, { name }] of plan.layers.entries()) {
      if (!feedback[name]) continue;
      const w = weights[i]![0]!;
      const [inputs, rows] = [countInputs(w), countStartRows(countInputs(w))];
      // Drawn in parts of 500 rows.
      const parts = Array.from({ length: Math.ceil(rows / 500) }, (_, part) => [
        ...drawSigns(Math.min(500, rows - 500 * part) * inputs, createStream(spec.seed, 'mirror', i, 0, 500 * part)),
      ]);
      feedback[name] = mirror(feedback[name], w, Float32Array.from(parts.flat()), 1);
    }
  const steps = [list()];
  for (let step = 0; step < STEPS; step++) {
    for (const [i, { name }] of plan.layers.entries()) {
      if (kind === 'kolen-pollack' || !feedback[name]) continue;
      const w = weights[i]![0]!;
      const noise = drawSigns(BATCH * countInputs(w), createStream(spec.seed, 'mirror', i, 1, step));
      feedback[name] = mirror(feedback[name], w, noise, rate);
    }
    const { gradients } = referenceGradients(plan, weights, x, labels, { backward: spec.backward, feedback });
    for (const [i, { name }] of plan.layers.entries()) {
      if (kind === 'kolen-pollack' && feedback[name]) update(feedback[name], gradients[i]![0]!, weightDecay);
      for (const [j, w] of weights[i]!.entries())
        update(w, gradients[i]![j]!, variables[i]![j]!.role === 'weight' ? weightDecay : 0);
    }
    steps.push(list());
  }
  return steps;
}

const BACKENDS = (['wasm', 'tensorflow', 'webgpu'] as const).map((backend) => [backend, isInstalled(backend)] as const);

describe.for(BACKENDS)('learned feedback in float64 and on %s', ([backend, installed]) => {
  const it = installed ? vitestIt : vitestIt.skip;
  beforeAll(async () => {
    if (installed) await useBackend(backend, testOptions);
  });

  it.each([
    ['kolen-pollack', 'dense', DENSE, {}],
    ['kolen-pollack', 'convolutional', CONV, {}],
    ['weight-mirror', 'dense', DENSE, { rate: 0.3 }],
    ['weight-mirror', 'convolutional', CONV, { rate: 0.3 }],
    ['kolen-pollack', 'sequence', SEQUENCE, {}],
    ['weight-mirror', 'sequence', SEQUENCE, { rate: 0.3 }],
  ] as const)('%s takes the same steps in a %s network', async (kind, _, input, changes) => {
    const spec = withFeedback(input, kind, changes);
    const [engine, reference] = [await trainWithEngine(spec), trainInFloat64(spec, kind, 0.3)];
    for (const [step, expected] of reference.entries()) {
      const actual = Float64Array.from(engine[step]!.flatMap((values) => [...values]));
      const wanted = Float64Array.from(expected.flatMap((values) => [...values]));
      expect(actual.length).toBe(wanted.length);
      expect(relativeError(actual, wanted), `step ${step}`).toBeLessThan(1e-5);
    }
    expect(relativeError(engine.at(-1)![0]!, engine[0]![0]!)).toBeGreaterThan(0.05);
  });
});

describe('a network that learns its feedback', () => {
  let backend: BackendDescription;
  beforeAll(async () => {
    backend = await useBackend('wasm');
  });
  const it = vitestIt;
  const data = createClusters(1000, 500);
  const layers = ['fc2', 'fc3', 'fc4', 'fc5', 'fc6'];
  const run = (spec: TrainingObjective, options: Partial<TrainingOptions> = {}) =>
    train(spec, data, { backend, ops: currentOps(), ...options });
  const create = (kind?: Kind | 'feedback-alignment', changes: Partial<Input> = {}, transpose: object = {}) =>
    createObjective({
      dataset: { name: 'own', set: 'clusters', shape: [6, 6, 1], classes: 10, train: 1000, validation: 500 },
      network: { name: 'mlp', hidden: [20, 20, 20, 20, 20], activation: 'tanh' },
      optimizer: { name: 'momentum', learningRate: 0.05, momentum: 0.9, weightDecay: 0.005 },
      backward: kind ? [{ layer: layers, transpose: { kind, ...transpose } }] : [],
      epochs: 6,
      batchSize: 50,
      ...changes,
    });

  it('has smaller angles to its weights, and beats feedback alignment in accuracy and loss', async () => {
    const { metrics: fixed } = await run(create('feedback-alignment'));
    for (const kind of ['kolen-pollack', 'weight-mirror'] as const) {
      const [{ metrics: early }, { metrics: learned }] = [
        await run(create(kind, { epochs: 1 })),
        await run(create(kind)),
      ];
      for (const angle of layers.map((layer) => `angle.${layer}`)) {
        expect(learned[angle], kind).toBeLessThan(early[angle]! - 1);
        expect(learned[angle], kind).toBeLessThan(fixed[angle]! - 5);
      }
      expect(learned['validationAccuracy'], kind).toBeGreaterThan(fixed['validationAccuracy']! + 0.05);
      expect(learned['aulc'], kind).toBeLessThan(fixed['aulc']!);
    }
  });

  it.each(['kolen-pollack', 'weight-mirror'] as const)('%s continues from a checkpoint bit for bit', async (kind) => {
    const spec = create(kind, { epochs: 2 });
    const checkpoints: Checkpoint[] = [];
    const whole = await run(spec, { onEpoch: async (_epoch, read) => void checkpoints.push(await read()) });
    for (const checkpoint of checkpoints) {
      const resume = decodeCheckpoint(encodeCheckpoint(checkpoint, 'key'), 'key')!;
      const { value, curve, metrics } = await run(spec, { resume });
      expect([value, curve]).toEqual([whole.value, whole.curve]);
      expect(metrics['angle.fc2']).toBe(whole.metrics['angle.fc2']);
    }
  });

  it('starts with the matrix of feedback alignment, and so with its first gradients', async () => {
    const [fixed, learned] = [
      await compareGradients(create('feedback-alignment', {}, { scale: 2 })),
      await compareGradients(create('kolen-pollack', {}, { scale: 2 })),
    ];
    expect(learned.gradients.slice(0, fixed.gradients.length)).toEqual(fixed.gradients);
    // The further gradients are those of the matrices, which equal those of the weights.
    expect(learned.names.slice(-5)).toEqual(layers.map((layer) => `${layer}.feedback`));
    expect(learned.gradients.slice(-5)).toEqual(
      layers.map((layer) => learned.gradients[learned.names.indexOf(`${layer}.weights`)]),
    );
  });

  it('of binary weights learns what the layer computes with', async () => {
    const network = {
      layers: [
        { type: 'dense' as const, name: 'fc1', units: 12 },
        { type: 'activation' as const, name: 'act', function: 'tanh' as const },
        { type: 'dense' as const, name: 'fc2', units: 10, weights: 'binary' as const },
      ],
    };
    const optimizer = { name: 'momentum' as const, learningRate: 0.05, weightDecay: 0.1 };
    for (const kind of ['kolen-pollack', 'weight-mirror'] as const) {
      const backward = [{ layer: 'fc2', transpose: { kind } }];
      const { metrics } = await run(create(undefined, { network, backward, optimizer, epochs: 3 }));
      expect(metrics['angle.fc2'], kind).toBeLessThan(25);
    }
  });

  it('records the weights of a layer next to trained matrices', async () => {
    const { recording } = await run(create('kolen-pollack', { epochs: 1, record: { weights: 'fc4', every: 10 } }));
    expect(recording!.cosines).toEqual([expect.any(Number), expect.any(Number)]);
  });

  it('frees its memory', async () => {
    const before = tf.memory().numTensors;
    for (const kind of ['kolen-pollack', 'weight-mirror', 'feedback-alignment'] as const)
      await run(create(kind, { epochs: 1 }));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('sparse feedback', () => {
  const it = vitestIt;
  it('keeps the share of entries and the root mean square', () => {
    const random = createStream(3, 'feedback', 1);
    const values = dropEntries(drawNormals(100_000, 2, random), random, 0.1);
    const kept = values.filter((value) => value !== 0).length / values.length;
    expect(kept).toBeCloseTo(0.1, 2);
    expect(Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length)).toBeCloseTo(2, 1);
  });

  it.each(['feedback-alignment', 'direct-feedback-alignment'] as const)(
    '%s: equal to the float64 reference',
    async (kind) => {
      await useBackend('wasm');
      const spec = createObjective({ ...DENSE, backward: [{ layer: 'fc3', transpose: { kind, density: 0.4 } }] });
      const random = createStream(0, 'feedback', 4);
      const one = { shape: [7, 2], fanIn: 7, fanOut: 2, init: 'glorot-uniform', sd: 0.01 } as const;
      const drawn =
        kind === 'feedback-alignment' ? drawWeights(one, random) : drawNormals(14, Math.sqrt(2 / 9), random);
      const sparse = dropEntries(drawn, random, 0.4);
      const feedback = { fc3: ndarray(kind === 'feedback-alignment' ? [7, 2] : [2, 7], sparse) };
      const { gradients, reference } = await compareGradients(spec, { reference: { feedback } });
      for (const [i, expected] of reference.gradients.flat().entries())
        expect(relativeError(gradients[i]!, expected.data)).toBeLessThan(1e-4);
      expect(sparse.filter((value) => value === 0).length).toBeGreaterThan(3);
    },
  );
});

/** Creates images around random centers, three for each of ten classes. */
function createClusters(train: number, validation: number): DataSet {
  const random = randomSource(5);
  const [inputs, classes] = [36, 10];
  const centers = Array.from({ length: 3 * classes }, () =>
    Float64Array.from({ length: inputs }, () => drawNormal(random)),
  );
  const examples = (count: number) => {
    const nearest = Array.from({ length: count }, () => Math.floor(random() * centers.length));
    const pixels = Uint8Array.from({ length: count * inputs }, (_, i) => {
      const center = centers[nearest[Math.floor(i / inputs)]!]![i % inputs]!;
      return Math.max(0, Math.min(255, 128 + 30 * (center + drawNormal(random))));
    });
    return { count, inputs: pixels, labels: Uint8Array.from(nearest, (center) => center % classes) };
  };
  return {
    name: 'clusters',
    shape: [6, 6, 1],
    classes,
    hash: 'clusters',
    channels: [{ mean: 0.5, sd: 0.2 }],
    train: examples(train),
    validation: examples(validation),
  };
}
