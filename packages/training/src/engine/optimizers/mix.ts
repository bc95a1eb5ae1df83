import * as tf from '@tensorflow/tfjs-core';

/** Returns the next moving average: `share` of the old one, and the rest of the fresh values. */
export function mix(old: tf.Tensor1D, share: number, fresh: tf.Tensor1D): tf.Tensor1D {
  return tf.add<tf.Tensor1D>(tf.mul(old, share), tf.mul(fresh, 1 - share));
}
