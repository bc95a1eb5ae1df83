import * as tf from '@tensorflow/tfjs-core';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';

/** A batch of images [batch, height, width, channels] or vectors [batch, channels]. */
export type Batch = tf.Tensor2D | tf.Tensor4D;

/** Moving averages, shape [channels] each: of the batch means, and of the batch variances with divisor n − 1. */
export type MovingMoments = readonly [mean: tf.Tensor1D, variance: tf.Tensor1D];

export interface BatchNormForward {
  readonly y: Batch;
  /** momentum·old + (1 − momentum)·new, for both averages. */
  readonly moving: MovingMoments;
  /** What the backward pass needs in addition to x. */
  readonly saved: readonly tf.Tensor[];
}

export interface BatchNormSettings {
  readonly epsilon: number;
  /** Weight of the old moving averages in the new ones. */
  readonly momentum: number;
}

/**
 * A function from tensors to tensors. Its results depend only on the values of its inputs and on tensors that never
 * change. So a backend may record one call and replay it later.
 */
export type Computation = (inputs: readonly tf.Tensor[]) => readonly tf.Tensor[];

/** A computation that is prepared for many runs. */
export interface Compiled {
  /**
   * @param inputs in the same number and shapes at each call; not disposed
   * @returns new tensors
   */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[];
  /** Must be called before a tensor that the computation uses in addition to its inputs is disposed. */
  dispose(): void;
}

/**
 * Steps of a training that a backend may compute faster than TensorFlow.js's public operations. Each runs inside the
 * caller's `tidy`, which disposes tensors that are not returned. A backend's version must agree with `portableOps`
 * within rounding.
 */
export interface KernelOps {
  /**
   * y = scale·(x − mean)/√(variance + ε) + offset. The moments are over all axes but the last; the variance has the
   * divisor n.
   */
  batchNorm(
    x: Batch,
    scale: tf.Tensor1D,
    offset: tf.Tensor1D,
    moving: MovingMoments,
    settings: BatchNormSettings,
  ): BatchNormForward;
  batchNormGrad(
    dy: Batch,
    x: Batch,
    scale: tf.Tensor1D,
    epsilon: number,
    saved: readonly tf.Tensor[],
  ): { dx: Batch; dScale: tf.Tensor1D; dOffset: tf.Tensor1D };
  /** dy where z > 0, otherwise 0. */
  reluGrad(dy: Batch, z: Batch): Batch;
  /** Sum over all axes but the last: the gradient of a bias. */
  sumToChannels(dy: Batch): tf.Tensor1D;
  /**
   * Mean cross entropy of softmax(logits) and its gradient (p − labels)/batch. The paper's δᴸ = ∇C ⊙ σ′(zᴸ) holds only
   * for elementwise outputs.
   *
   * @param logits [batch, classes]
   * @param labels one-hot [batch, classes]
   */
  softmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor2D): { loss: tf.Scalar; dLogits: tf.Tensor2D };
  compile(computation: Computation): Compiled;
}

/** Reshapes [batch, …, channels] to rows of channels. */
function toRows(x: Batch): tf.Tensor2D {
  return tf.reshape(x, [-1, x.shape.at(-1)!]);
}

/**
 * Sums `values`, which has the shape of x, to [channels]: first over the batch, then over the positions of the image.
 * It multiplies with a row of ones, because wasm's own sum over leading axes transposes first. Two stages keep rounding
 * errors small, because each stage adds sequentially.
 */
function channelSums(values: tf.Tensor, shape: readonly number[]): tf.Tensor1D {
  const [batch, channels] = [shape[0]!, shape.at(-1)!];
  const overBatch = tf.matMul(tf.ones([1, batch]), tf.reshape(values, [batch, -1]) as tf.Tensor2D);
  const places = overBatch.size / channels;
  return tf.reshape(tf.matMul(tf.ones([1, places]), tf.reshape(overBatch, [places, channels]) as tf.Tensor2D), [
    channels,
  ]);
}

/**
 * Returns the moving averages after a batch with `n` values per channel.
 *
 * @param variance with divisor n
 */
export function advanceMoments(
  [mean, variance]: MovingMoments,
  batch: MovingMoments,
  momentum: number,
  n: number,
): MovingMoments {
  const unbiased = n > 1 ? n / (n - 1) : 1;
  return [
    tf.add(tf.mul(mean, momentum), tf.mul(batch[0], 1 - momentum)),
    tf.add(tf.mul(variance, momentum), tf.mul(batch[1], (1 - momentum) * unbiased)),
  ];
}

/** Every step, composed of public operations. Works on any backend. */
export const portableOps: KernelOps = {
  batchNorm(x, scale, offset, moving, { epsilon, momentum }) {
    const flat = toRows(x);
    const n = flat.shape[0];
    const mean = tf.div<tf.Tensor1D>(channelSums(flat, x.shape), n);
    const centered = tf.sub<tf.Tensor2D>(flat, mean);
    const variance = tf.div<tf.Tensor1D>(channelSums(tf.square(centered), x.shape), n);
    const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon)));
    const y = tf.reshape(tf.add(tf.mul(centered, factor), offset), x.shape) as Batch;
    return { y, moving: advanceMoments(moving, [mean, variance], momentum, n), saved: [mean, variance] };
  },

  // With x̂ = (x − mean)·r, r = 1/√(variance + ε): dx = scale·r·(dy − (Σdy + x̂·Σ(dy·x̂))/n).
  batchNormGrad(dy, x, scale, epsilon, saved) {
    const [mean, variance] = saved as [tf.Tensor1D, tf.Tensor1D];
    const flat = toRows(dy);
    const n = flat.shape[0];
    const centered = tf.sub<tf.Tensor2D>(toRows(x), mean);
    const r = tf.rsqrt(tf.add(variance, epsilon));
    const dOffset = channelSums(flat, x.shape);
    const dScale = tf.mul<tf.Tensor1D>(channelSums(tf.mul(flat, centered), x.shape), r);
    const slope = tf.div(tf.mul(r, dScale), n);
    const inner = tf.sub(tf.sub(flat, tf.div(dOffset, n)), tf.mul(centered, slope));
    return { dx: tf.reshape(tf.mul(inner, tf.mul(scale, r)), x.shape) as Batch, dScale, dOffset };
  },

  reluGrad: (dy, z) => tf.mul<Batch>(dy, tf.step(z)),

  sumToChannels: (dy) => channelSums(dy, dy.shape),

  softmaxCrossEntropy,

  compile: (computation) => ({ run: (inputs) => tf.tidy(() => [...computation(inputs)]), dispose: () => {} }),
};
