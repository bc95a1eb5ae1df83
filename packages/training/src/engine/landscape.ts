import { planTraining, type TrainingObjective } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { DataSet } from '../data/data-set.ts';
import { type KernelOps, portableOps } from '../kernels/kernel-ops.ts';
import { disposeTensors, tidyTensors } from '../kernels/scope.ts';
import { softmaxCrossEntropy } from '../kernels/softmax-cross-entropy.ts';
import { Batches } from './batches.ts';
import { NetworkRuntime } from './network.ts';

/** Losses that are read from the backend at once. */
const AT_ONCE = 64;

export interface Landscape {
  /** The layer whose weights are given. */
  readonly layer: string;
  /** Training examples, from the first, whose mean loss is computed. */
  readonly examples: number;
  readonly ops?: KernelOps;
}

/**
 * Computes the training loss of a network at each of the given weights of one layer. All other layers have their
 * initial weights, so the losses are those of the training if the others are frozen.
 *
 * @throws RangeError if the network has layers that behave differently while they train
 */
export async function measureLandscape(
  objective: TrainingObjective,
  data: DataSet,
  places: readonly Float32Array[],
  { layer, examples, ops = portableOps }: Landscape,
): Promise<number[]> {
  const plan = planTraining(objective);
  if (plan.layers.some(({ type }) => type === 'batch-norm' || type === 'dropout'))
    throw new RangeError('a network with batch norm or dropout has no loss that depends on its weights alone');
  const { seed, frozen } = objective;
  const network = new NetworkRuntime(plan, { seed, backward: [], frozen, ops });
  const values = network.start();
  const position = network.parameters.findIndex((each) => each.layer === layer && each.role === 'weight');
  const { x, labels } = new Batches(data, objective, plan.stepsPerEpoch).plain(data.train, 0, examples);
  const losses: number[] = [];
  try {
    for (let from = 0; from < places.length; from += AT_ONCE) {
      const computed = tidyTensors(() =>
        tf.stack(
          places.slice(from, from + AT_ONCE).map((weights) => {
            const placed = tf.tensor(weights, [...network.parameters[position]!.shape]);
            const parameters = values.parameters.map((tensor, i) => (i === position ? placed : tensor));
            const logits = network.predict(x, { parameters, layers: values.layers }, 0);
            return softmaxCrossEntropy(logits, labels).loss;
          }),
        ),
      );
      losses.push(...(await computed.data<'float32'>()));
      computed.dispose();
    }
  } finally {
    disposeTensors([x, labels, ...values.parameters, ...values.layers.flat()]);
    network.dispose();
  }
  return losses;
}
