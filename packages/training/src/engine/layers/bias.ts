import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import type { LayerContext, Variable } from './layer.ts';

/** The bias of a layer's channels. */
export interface Bias {
  readonly variables: readonly Variable[];
  /**
   * Returns the tensor to add, if any.
   *
   * @param b the bias, if the layer has one
   */
  added(b: tf.Tensor | undefined): tf.Tensor | undefined;
  /** Computes the gradients of the variables from the error of the layer's output. */
  gradients(dy: Batch): tf.Tensor[];
}

/**
 * Creates the bias of a layer. Batch norm subtracts the mean of each channel, so a bias before it has no effect and the
 * gradient 0. It is neither added nor is its gradient computed. Both would cost a pass over the images, and a rule such
 * as Adam would turn the rounding error of the gradient into full steps.
 */
export function createBias(present: boolean, channels: number, { ops, normalized }: LayerContext): Bias {
  if (!present) return { variables: [], added: () => undefined, gradients: () => [] };
  const variables = [{ name: 'bias', role: 'offset', shape: [channels], start: 0 }] as const;
  if (normalized) return { variables, added: () => undefined, gradients: () => [tf.zeros([channels])] };
  return { variables, added: (b) => b, gradients: (dy) => [ops.sumToChannels(dy)] };
}
