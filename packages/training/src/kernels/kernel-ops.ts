import * as tf from '@tensorflow/tfjs-core';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';

/** A batch of images [batch, height, width, channels] or vectors [batch, channels]. */
export type Batch = tf.Tensor2D | tf.Tensor4D;

/** Moving averages, [channels] each, of the batches' mean and of their variance with divisor n − 1. */
export type MovingMoments = readonly [mean: tf.Tensor1D, variance: tf.Tensor1D];

export interface BatchNormForward {
  readonly y: Batch;
  /** momentum·old + (1 − momentum)·this batch's, of both. */
  readonly moving: MovingMoments;
  /** Whatever the backward pass wants besides x. */
  readonly saved: readonly tf.Tensor[];
}

export interface BatchNormSettings {
  readonly epsilon: number;
  /** Share of the old moving averages in the new. */
  readonly momentum: number;
}

/**
 * Tensors from tensors. What it gives depends on the values of its inputs and on nothing else that changes from call to
 * call: a backend may look at one call and repeat from then on what that did. Tensors from outside that never change
 * may be used.
 */
export type Computation = (inputs: readonly tf.Tensor[]) => readonly tf.Tensor[];

/** A computation prepared to be run many times. */
export interface Compiled {
  /** @param inputs as many and of the same shapes at each call; not disposed @returns new tensors */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[];
  /** To be called before a tensor from outside that the computation uses is disposed. */
  dispose(): void;
}

/**
 * The steps of a training for which a backend may know a faster way than TensorFlow.js's public operations. Each works
 * inside the caller's `tidy`: tensors that are not returned are disposed there. A backend's version must agree with
 * `portableOps` within rounding.
 */
export interface KernelOps {
  /**
   * y = scale·(x − mean)/√(variance + ε) + offset, moments taken over all but the last axis, the variance with divisor
   * n.
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
  /** dy where z > 0, else 0. */
  reluGrad(dy: Batch, z: Batch): Batch;
  /** Sum over all but the last axis: the gradient of a bias. */
  sumToChannels(dy: Batch): tf.Tensor1D;
  /**
   * Mean cross entropy of softmax(logits), and its gradient (p − labels)/batch: the paper's δᴸ = ∇C ⊙ σ′(zᴸ) holds for
   * elementwise outputs only.
   *
   * @param logits [batch, classes] @param labels one-hot [batch, classes]
   */
  softmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor2D): { loss: tf.Scalar; dLogits: tf.Tensor2D };
  compile(computation: Computation): Compiled;
}

/** [batch, …, channels] as rows of channels. */
function toRows(x: Batch): tf.Tensor2D {
  return tf.reshape(x, [-1, x.shape.at(-1)!]);
}

/**
 * Sums of `values`, which has x's shape, to [channels]: over the batch, then over the places of the image. Products
 * with a row of ones, because wasm's own sum over leading axes transposes first; two stages, because each adds
 * naively.
 */
function channelSums(values: tf.Tensor, shape: readonly number[]): tf.Tensor1D {
  const [batch, channels] = [shape[0]!, shape.at(-1)!];
  const overBatch = tf.matMul(tf.ones([1, batch]), tf.reshape(values, [batch, -1]) as tf.Tensor2D);
  const places = overBatch.size / channels;
  return tf.reshape(tf.matMul(tf.ones([1, places]), tf.reshape(overBatch, [places, channels]) as tf.Tensor2D), [
    channels,
  ]);
}

/** The moving averages after a batch of `n` values a channel. @param variance with divisor n */
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

/** Every step from public operations; works on any backend. */
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
