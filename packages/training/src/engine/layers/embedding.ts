import type { EmbeddingLayer, Shape } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import type { RuntimeLayer } from './layer.ts';

/**
 * Creates an embedding: y = onehot(x)·w with w [vocabulary, channels], for tokens x [batch, length]. A product of
 * matrices has a gradient on every backend, in contrast to a lookup.
 */
export function createEmbedding(layer: EmbeddingLayer, input: Shape): RuntimeLayer {
  const { vocabulary, channels, init, sd } = layer;
  const length = input[0]!;
  const oneHot = (x: Batch): tf.Tensor2D =>
    tf.cast(tf.equal(tf.reshape(x, [-1, 1]), tf.reshape(tf.range(0, vocabulary), [1, -1])), 'float32');
  const run = (x: Batch, [w]: readonly tf.Tensor[]) =>
    tf.reshape(tf.matMul(oneHot(x), w as tf.Tensor2D), [-1, length, 1, channels]) as tf.Tensor4D;
  return {
    name: layer.name,
    variables: [
      {
        name: 'weights',
        role: 'weight',
        spec: { shape: [vocabulary, channels], fanIn: vocabulary, fanOut: channels, init, sd },
      },
    ],
    forward: (x, weights) => ({ y: run(x, weights), saved: [] }),
    // Tokens have no error.
    backward: ({ dy, x, want }) => ({
      gradients: want.weights ? [tf.matMul(oneHot(x), tf.reshape(dy, [-1, channels]) as tf.Tensor2D, true)] : [],
    }),
    predict: run,
    dispose: () => {},
  };
}
