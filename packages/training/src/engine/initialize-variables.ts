import * as tf from '@tensorflow/tfjs-core';
import { drawWeights } from './initialize.ts';
import type { RuntimeLayer, Variable } from './layers/layer.ts';
import { createStream } from './streams.ts';

function createConstant(shape: readonly number[], value: number): tf.Tensor {
  return tf.tidy(() => tf.mul(tf.ones([...shape]), value));
}

/** Returns the shape of a trained tensor. */
export function getVariableShape(variable: Variable): readonly number[] {
  return variable.role === 'offset' ? variable.shape : variable.spec.shape;
}

/** Creates the initial value of a trained tensor: weights by their distribution, offsets by their constant. */
export function initializeVariable(variable: Variable, seed: number, layer: number, position: number): tf.Tensor {
  if (variable.role === 'offset') return createConstant(variable.shape, variable.start);
  return tf.tensor(drawWeights(variable.spec, createStream(seed, 'weights', layer, position)), [
    ...variable.spec.shape,
  ]);
}

/** Draws a trained feedback matrix: that of feedback alignment, so that both start alike. */
export function initializeFeedback(
  { spec, scale }: NonNullable<RuntimeLayer['feedback']>,
  seed: number,
  layer: number,
): tf.Tensor {
  const drawn = drawWeights(spec, createStream(seed, 'feedback', layer));
  return tf.tidy(() => tf.mul(tf.tensor(drawn, [...spec.shape]), scale));
}
