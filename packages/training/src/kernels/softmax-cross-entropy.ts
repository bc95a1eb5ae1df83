import * as tf from '@tensorflow/tfjs-core';

/**
 * Computes the mean cross entropy of softmax(logits) and its gradient (p − labels)/batch. The paper's δᴸ = ∇C ⊙ σ′(zᴸ)
 * holds only for elementwise outputs.
 *
 * @param logits [batch, classes]
 * @param labels one-hot [batch, classes]
 */
export function softmaxCrossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
): { loss: tf.Scalar; dLogits: tf.Tensor2D } {
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  const exponentials = tf.exp(shifted);
  const total = tf.sum(exponentials, 1, true);
  const losses = tf.sub(tf.log(total), tf.sum(tf.mul(shifted, labels), 1, true));
  const dLogits = tf.div<tf.Tensor2D>(tf.sub(tf.div(exponentials, total), labels), logits.shape[0]);
  return { loss: tf.mean<tf.Scalar>(losses), dLogits };
}
