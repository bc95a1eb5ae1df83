import { planTraining, type TrainingObjective } from '@gradsmith/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../src/engine/kernel-ops.ts';
import { NetworkRuntime } from '../../src/engine/network.ts';
import { Optimizer } from '../../src/engine/optimizers/optimizer.ts';
import { currentOps, oneHot, randomBatch } from './helpers.ts';

/** Parameter values by `<layer>.<name>`. */
export type Weights = Record<string, Float32Array>;

export interface Trajectory {
  readonly start: Weights;
  readonly end: Weights;
  readonly losses: readonly number[];
}

async function read(network: NetworkRuntime): Promise<Weights> {
  const entries = network.parameters.map(async ({ layer, name, tensor }) => [`${layer}.${name}`, (await tensor.data<'float32'>()).slice()] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Trains on the same random batch for some steps and returns the weights before and after. */
export async function trajectory(spec: TrainingObjective, steps: number, batch = 8): Promise<Trajectory> {
  const plan = planTraining(spec);
  const network = new NetworkRuntime(plan, { seed: spec.seed, backward: spec.backward, frozen: spec.frozen, ops: currentOps() });
  const optimizer = new Optimizer(spec, { steps, stepsPerEpoch: steps }, network.parameters);
  const examples = randomBatch(plan.input, plan.classes, batch);
  const x = tf.tensor(Float32Array.from(examples.x.data), [...examples.x.shape] as [number, number]) as Batch;
  const labels = oneHot(examples.labels, plan.classes);
  const start = await read(network);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { loss, gradients } = network.gradients(x, labels, step);
    optimizer.apply(gradients, step);
    losses.push((await loss.data())[0]!);
    tf.dispose([loss, ...gradients]);
  }
  const end = await read(network);
  tf.dispose([x, labels]);
  optimizer.dispose();
  network.dispose();
  return { start, end, losses };
}
