import {
  planTraining,
  type TrainingObjective,
  type TrainingObjectiveInput,
  type TrainingPlan,
  trainingObjectiveSchema,
} from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { type BackendName, getKernelOps } from '../../src/backends/index.ts';
import type { DataSet } from '../../src/data/data-set.ts';
import { drawNormal, randomSource } from '../../src/data/random.ts';
import { NetworkRuntime, type NetworkValues } from '../../src/engine/network.ts';
import type { Batch, KernelOps } from '../../src/kernels/kernel-ops.ts';
import { countElements, mapArray, ndarray, type NdArray } from '../reference/array.ts';
import { type ReferenceOptions, referenceGradients, type ReferenceResult } from '../reference/network.ts';

export function createObjective(input: Omit<TrainingObjectiveInput, 'kind'>): TrainingObjective {
  return trainingObjectiveSchema.parse({ kind: 'training', ...input });
}

export const sgd = { name: 'sgd', learningRate: 0.1 } as const;

/** Creates random examples for the plan: tokens if it begins with an embedding, and otherwise normal numbers. */
export function drawExamples(
  { input, classes, layers }: TrainingPlan,
  batch: number,
  seed?: number,
): { x: NdArray; labels: number[] } {
  const drawn = randomBatch(input, classes, batch, seed);
  const [first] = layers;
  if (first?.type !== 'embedding') return drawn;
  return { ...drawn, x: mapArray(drawn.x, (value) => Math.floor(Math.abs(value) * 1000) % first.vocabulary) };
}

/** Creates random examples in the given shape. */
export function randomBatch(
  shape: readonly number[],
  classes: number,
  batch: number,
  seed = 1,
): { x: NdArray; labels: number[] } {
  const random = randomSource(seed);
  const size = batch * countElements(shape);
  return {
    x: ndarray(
      [batch, ...shape],
      Float32Array.from({ length: size }, () => drawNormal(random)),
    ),
    labels: Array.from({ length: batch }, () => Math.floor(random() * classes)),
  };
}

export function oneHot(labels: readonly number[], classes: number): tf.Tensor2D {
  return tf.tensor2d(labels.map((label) => Array.from({ length: classes }, (_, k) => Number(k === label))));
}

/** Returns the operations of the current backend. */
export function currentOps(): KernelOps {
  return getKernelOps(tf.getBackend() as BackendName);
}

/** Reads the network's parameters in the format of the reference. */
export async function readWeights(network: NetworkRuntime, { parameters }: NetworkValues): Promise<NdArray[][]> {
  const arrays = await Promise.all(parameters.map(async (tensor) => ndarray(tensor.shape, await tensor.data())));
  return network.layers.map((layer) => arrays.filter((_, i) => network.parameters[i]!.layer === layer.name));
}

export interface Compared {
  readonly loss: number;
  readonly gradients: readonly Float32Array[];
  readonly names: readonly string[];
  readonly reference: ReferenceResult;
}

/** Computes the gradients of one step with the engine on the current backend and with the float64 reference. */
export async function compareGradients(
  spec: TrainingObjective,
  options: { batch?: number; seed?: number; ops?: KernelOps; reference?: ReferenceOptions; step?: number } = {},
): Promise<Compared> {
  const plan = planTraining(spec);
  const { x, labels } = drawExamples(plan, options.batch ?? 4, options.seed);
  const ops = options.ops ?? currentOps();
  const network = new NetworkRuntime(plan, { seed: spec.seed, backward: spec.backward, frozen: spec.frozen, ops });
  const input = tf.tensor(Float32Array.from(x.data), [...x.shape] as [number, number]) as Batch;
  const hot = oneHot(labels, plan.classes);
  const values = network.start();
  const drawn = network.draw(options.step ?? 0, x.shape[0]!);
  const reference = referenceGradients(plan, await readWeights(network, values), x, labels, {
    backward: spec.backward,
    ...options.reference,
  });
  const step = ops.compile(([inputs, hots]) => {
    const made = network.gradients(inputs as Batch, hots as tf.Tensor2D, values, drawn);
    return [made.loss, ...made.gradients];
  });
  const [loss, ...gradients] = step.run([input, hot]) as [tf.Scalar, ...tf.Tensor[]];
  step.dispose();
  const result = {
    loss: (await loss.data())[0]!,
    gradients: await Promise.all(gradients.map((gradient) => gradient.data<'float32'>())),
    names: network.parameters.filter(({ trainable }) => trainable).map(({ layer, name }) => `${layer}.${name}`),
    reference,
  };
  tf.dispose([input, hot, loss, ...gradients, ...drawn, ...values.parameters, ...values.layers.flat()]);
  network.dispose();
  return result;
}

/** Returns the largest deviation of `actual` from `expected`, relative to the largest expected magnitude. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [worst, scale] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return worst / Math.max(scale, 1e-30);
}

/** Creates a data set of random pixels and random labels in the given shape. */
export function randomImages(
  shape: readonly [number, number, number],
  classes: number,
  train: number,
  validation: number,
): DataSet {
  const random = randomSource(99);
  const examples = (count: number) => ({
    count,
    inputs: Uint8Array.from({ length: count * countElements(shape) }, () => Math.floor(256 * random())),
    labels: Uint8Array.from({ length: count }, () => Math.floor(classes * random())),
  });
  return {
    name: 'random',
    shape,
    classes,
    hash: 'random',
    channels: Array.from({ length: shape[2] }, () => ({ mean: 0.5, sd: 0.29 })),
    train: examples(train),
    validation: examples(validation),
  };
}
