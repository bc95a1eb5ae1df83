import * as tf from '@tensorflow/tfjs-core';

/** `tf.tidy` for any result that holds its tensors in plain objects and arrays. */
export function tidyTensors<T>(compute: () => T): T {
  return tf.tidy(compute as () => tf.TensorContainer) as T;
}

/** Disposes tensors. Used several times per step, because `tf.dispose` searches its whole argument for tensors. */
export function disposeTensors(tensors: readonly tf.Tensor[]): void {
  for (const tensor of tensors) tensor.dispose();
}
