import * as tf from '@tensorflow/tfjs-core';
import type { Examples } from '../data/data-set.ts';
import { tidyTensors } from '../kernels/scope.ts';
import { softmaxCrossEntropy } from '../kernels/softmax-cross-entropy.ts';
import type { Batches } from './batches.ts';
import type { TrainState } from './train-state.ts';

/** Mean cross entropy and share of correct answers. After a divergence, the loss may not be finite. */
export interface Evaluation {
  readonly loss: number;
  readonly accuracy: number;
}

/** Examples that pass through the network at once, unless its layers are large. */
export const EVALUATED_AT_ONCE = 250;

/**
 * Measures loss and accuracy of the network on examples that it does not train on.
 *
 * @param examples at least one
 * @param atOnce number of examples that pass through the network at once
 */
export async function evaluateExamples(
  state: TrainState,
  batches: Batches,
  examples: Examples,
  atOnce: number,
): Promise<Evaluation> {
  let [loss, right] = [0, 0];
  for (let first = 0; first < examples.count; first += atOnce) {
    const { x, labels } = batches.plain(examples, first, atOnce);
    const figures = tidyTensors(() => {
      const logits = state.network.predict(x, state.values(), state.steps);
      const correct = tf.equal(tf.argMax(logits, 1), tf.argMax(labels, 1));
      return tf.stack([softmaxCrossEntropy(logits, labels).loss, tf.sum(tf.cast(correct, 'float32'))]);
    });
    const [batchLoss, batchRight] = await figures.data<'float32'>();
    loss += batchLoss! * x.shape[0];
    right += batchRight!;
    tf.dispose([x, labels, figures]);
  }
  return { loss: loss / examples.count, accuracy: right / examples.count };
}
