import type { BatchNormLayer } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, MovingMoments } from '../../kernels/kernel-ops.ts';
import type { LayerContext, RuntimeLayer } from './layer.ts';

/**
 * Creates a batch norm layer (Ioffe and Szegedy 2015) over all axes but the last, with trained scale and offset. The
 * moving averages of mean and variance (divisor n − 1) start at zero and are divided by their total weight, 1 −
 * momentumᵗ, as in Caffe. They are therefore correct from the first step on.
 */
export function batchNorm(layer: BatchNormLayer, channels: number, { ops }: LayerContext): RuntimeLayer {
  return {
    name: layer.name,
    variables: [
      { name: 'scale', role: 'offset', shape: [channels], start: 1 },
      { name: 'offset', role: 'offset', shape: [channels], start: 0 },
    ],
    state: [[channels], [channels]],
    forward(x, [scale, offset], { state }) {
      const { y, moving, saved } = ops.batchNorm(
        x,
        scale as tf.Tensor1D,
        offset as tf.Tensor1D,
        state as unknown as MovingMoments,
        layer,
      );
      return { y, saved, state: moving };
    },
    backward({ dy, x, weights, saved }) {
      const { dx, dScale, dOffset } = ops.batchNormGrad(dy, x, weights[0] as tf.Tensor1D, layer.epsilon, saved);
      return { dx, gradients: [dScale, dOffset] };
    },
    predict(x, [scale, offset], { state: averages, steps }) {
      const gathered = 1 - layer.momentum ** steps;
      const isFirst = gathered === 0;
      const mean = isFirst ? averages[0]! : tf.div(averages[0]!, gathered);
      const variance = isFirst ? tf.ones([channels]) : tf.div(averages[1]!, gathered);
      const factor = tf.mul(scale!, tf.rsqrt(tf.add(variance, layer.epsilon)));
      return tf.add<Batch>(tf.mul(tf.sub(x, mean), factor), offset!);
    },
    dispose: () => {},
  };
}
