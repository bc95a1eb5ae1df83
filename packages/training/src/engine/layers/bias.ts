import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import type { LayerContext, Variable } from './layer.ts';

/** What a layer adds to each of its channels. */
export interface Bias {
  readonly variables: readonly Variable[];
  /** The tensor to add, if there is something to add. @param b the bias itself, where the layer has one */
  added(b: tf.Tensor | undefined): tf.Tensor | undefined;
  /** Of the variables, from the error of the layer's output. */
  gradients(dy: Batch): tf.Tensor[];
}

/**
 * Batch norm subtracts the mean of each channel, so a bias in front of it changes nothing and has a gradient of 0. It
 * is neither added nor is its gradient summed up there: that would be two passes over the images for a rounding error,
 * which a rule such as Adam's would then blow up to full steps.
 */
export function createBias(present: boolean, channels: number, { ops, normalized }: LayerContext): Bias {
  if (!present) return { variables: [], added: () => undefined, gradients: () => [] };
  const variables = [{ name: 'bias', role: 'offset', shape: [channels], start: 0 }] as const;
  if (normalized) return { variables, added: () => undefined, gradients: () => [tf.zeros([channels])] };
  return { variables, added: (b) => b, gradients: (dy) => [ops.sumToChannels(dy)] };
}
