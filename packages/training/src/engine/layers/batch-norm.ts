import type { BatchNormLayer } from '@gradsmith/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, MovingMoments } from '../kernel-ops.ts';
import type { LayerContext, RuntimeLayer } from './layer.ts';

/**
 * Batch norm (Ioffe and Szegedy 2015) over all but the channel axis, with a trained scale and offset. Moving averages of
 * the mean and of the variance (divisor n − 1) start at zero and are divided by the weight they have gathered, 1 − momentumᵗ,
 * as Caffe does: right from the first step on.
 */
export function batchNorm(layer: BatchNormLayer, channels: number, { ops }: LayerContext): RuntimeLayer {
  let averages: MovingMoments = [tf.zeros([channels]), tf.zeros([channels])];
  let observed = 0;

  function replace(next: MovingMoments): void {
    const old = averages;
    averages = [tf.keep(next[0]), tf.keep(next[1])];
    tf.dispose([...old]);
  }

  return {
    name: layer.name,
    variables: [
      { name: 'scale', role: 'offset', shape: [channels], start: 1 },
      { name: 'offset', role: 'offset', shape: [channels], start: 0 },
    ],
    forward(x, [scale, offset]) {
      const { y, moving, saved } = ops.batchNorm(x, scale as tf.Tensor1D, offset as tf.Tensor1D, averages, layer);
      replace(moving);
      observed++;
      return { y, saved };
    },
    backward({ dy, x, weights, saved }) {
      const { dx, dScale, dOffset } = ops.batchNormGrad(dy, x, weights[0] as tf.Tensor1D, layer.epsilon, saved);
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
        replace([tf.tensor1d(mean!), tf.tensor1d(variance!)]);
        observed = times![0]!;
      },
    },
    dispose: () => tf.dispose([...averages]),
  };
}
