import { planTraining, type TrainingObjective } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { TrainState } from '../../src/engine/train-state.ts';
import type { Batch } from '../../src/kernels/kernel-ops.ts';
import { tidyTensors } from '../../src/kernels/scope.ts';
import { currentOps, oneHot, randomBatch } from './helpers.ts';

/** Parameter values by `<layer>.<name>`. */
export type Weights = Record<string, Float32Array>;

export interface Trajectory {
  readonly start: Weights;
  readonly end: Weights;
  readonly losses: readonly number[];
}

function readWeights(state: TrainState): Weights {
  const values = tidyTensors(() => state.values().parameters.map((tensor) => tensor.dataSync<'float32'>().slice()));
  return Object.fromEntries(state.network.parameters.map(({ layer, name }, i) => [`${layer}.${name}`, values[i]!]));
}

/** Trains some steps on the same random batch and returns the weights before and after. */
export async function computeTrajectory(spec: TrainingObjective, steps: number, batch = 8): Promise<Trajectory> {
  const plan = planTraining(spec);
  const state = new TrainState(spec, { ...plan, steps, stepsPerEpoch: steps }, currentOps());
  const examples = randomBatch(plan.input, plan.classes, batch);
  const x = tf.tensor(Float32Array.from(examples.x.data), [...examples.x.shape] as [number, number]) as Batch;
  const labels = oneHot(examples.labels, plan.classes);
  const start = readWeights(state);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const loss = state.advance(x, labels);
    losses.push((await loss.data())[0]!);
    loss.dispose();
  }
  const end = readWeights(state);
  tf.dispose([x, labels]);
  state.dispose();
  return { start, end, losses };
}
