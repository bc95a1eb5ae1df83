import * as tf from '@tensorflow/tfjs-core';

/** `tf.tidy` for any result that holds its tensors in plain objects and arrays. */
export function scope<T>(compute: () => T): T {
  return tf.tidy(compute as () => tf.TensorContainer) as T;
}
