import type { LayerNormLayer } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import type { LayerContext, RuntimeLayer } from './layer.ts';

/**
 * Creates layer normalization (Ba, Kiros and Hinton 2016) over all values of an example, or over the channels of each
 * place, with trained scale and offset of each channel.
 */
export function createLayerNorm(layer: LayerNormLayer, channels: number, { ops }: LayerContext): RuntimeLayer {
  const toRows = (x: tf.Tensor) => tf.reshape(x, layer.over === 'channels' ? [-1, channels] : [x.shape[0]!, -1]);
  /** Returns x̂ in rows, and 1/√(variance + ε) of each row. */
  const normalize = (x: Batch): [tf.Tensor, tf.Tensor] => {
    const rows = toRows(x);
    const centered = tf.sub(rows, tf.mean(rows, 1, true));
    const r = tf.rsqrt(tf.add(tf.mean(tf.square(centered), 1, true), layer.epsilon));
    return [tf.mul(centered, r), r];
  };
  const transform = (normal: tf.Tensor, x: Batch, [scale, offset]: readonly tf.Tensor[]): Batch =>
    tf.add<Batch>(tf.mul(tf.reshape(normal, x.shape), scale!), offset!);
  return {
    name: layer.name,
    variables: [
      { name: 'scale', role: 'offset', shape: [channels], start: 1 },
      { name: 'offset', role: 'offset', shape: [channels], start: 0 },
    ],
    forward(x, weights) {
      const [normal, r] = normalize(x);
      return { y: transform(normal, x, weights), saved: [normal, r] };
    },
    // With x̂ = (x − mean)·r: dx = r·(dx̂ − mean(dx̂) − x̂·mean(dx̂·x̂)), where dx̂ = dy·scale.
    backward({ dy, x, weights, saved: [normal, r] }) {
      const dScale = ops.sumToChannels(tf.mul(dy, tf.reshape(normal!, x.shape)));
      const dNormal = toRows(tf.mul(dy, weights[0]!));
      const along = tf.mul(normal!, tf.mean(tf.mul(dNormal, normal!), 1, true));
      const dx = tf.mul(r!, tf.sub(tf.sub(dNormal, tf.mean(dNormal, 1, true)), along));
      return { dx: tf.reshape(dx, x.shape) as Batch, gradients: [dScale, ops.sumToChannels(dy)] };
    },
    predict: (x, weights) => transform(normalize(x)[0], x, weights),
    dispose: () => {},
  };
}
