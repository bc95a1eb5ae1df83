import type { BatchNormLayer } from '@gradsmith/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../kernel-ops.ts';
import type { LayerContext, RuntimeLayer } from './layer.ts';

/**
 * Batch norm (Ioffe and Szegedy 2015) over all but the channel axis, with a trained scale and offset. Moving averages of
 * the mean and of the variance (divisor n − 1) start at zero and are divided by the weight they have gathered, 1 − momentumᵗ,
 * as Caffe does: right from the first step on.
 */
export function batchNorm(layer: BatchNormLayer, channels: number, { ops }: LayerContext): RuntimeLayer {
  let averages: [mean: tf.Tensor1D, variance: tf.Tensor1D] = [tf.zeros([channels]), tf.zeros([channels])];
  let observed = 0;

  function replace(mean: tf.Tensor1D, variance: tf.Tensor1D): void {
    const old = averages;
    averages = [tf.keep(mean), tf.keep(variance)];
    tf.dispose(old);
  }

  function observe(mean: tf.Tensor1D, variance: tf.Tensor1D, count: number): void {
    const { momentum } = layer;
    const unbiased = count > 1 ? count / (count - 1) : 1;
    observed++;
    replace(
      tf.add(tf.mul(averages[0], momentum), tf.mul(mean, 1 - momentum)),
      tf.add(tf.mul(averages[1], momentum), tf.mul(variance, (1 - momentum) * unbiased)),
    );
  }

  return {
    name: layer.name,
    variables: [
      { name: 'scale', role: 'offset', shape: [channels], start: 1 },
      { name: 'offset', role: 'offset', shape: [channels], start: 0 },
    ],
    forward(x, [scale, offset]) {
      const { y, mean, variance, saved } = ops.batchNorm(x, scale as tf.Tensor1D, offset as tf.Tensor1D, layer.epsilon);
      observe(mean, variance, x.size / channels);
      return { y, saved: [mean, variance, ...saved] };
    },
    backward({ dy, x, weights, saved: [mean, variance, ...saved] }) {
      const forward = { mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D, saved };
      const { dx, dScale, dOffset } = ops.batchNormGrad(dy, x, weights[0] as tf.Tensor1D, layer.epsilon, forward);
      return { dx, gradients: [dScale, dOffset] };
    },
    predict(x, [scale, offset]) {
      const gathered = 1 - layer.momentum ** observed;
      const variance = gathered > 0 ? tf.div(averages[1], gathered) : tf.ones([channels]);
      const mean = tf.div(averages[0], Math.max(gathered, Number.MIN_VALUE));
      const factor = tf.mul(scale!, tf.rsqrt(tf.add(variance, layer.epsilon)));
      return tf.add<Batch>(tf.mul(tf.sub(x, mean), factor), offset!);
    },
    state: {
      read: async () => [...(await Promise.all(averages.map((average) => average.data<'float32'>()))), Float32Array.of(observed)],
      write([mean, variance, times]) {
        replace(tf.tensor1d(mean!), tf.tensor1d(variance!));
        observed = times![0]!;
      },
    },
    dispose: () => tf.dispose(averages),
  };
}
