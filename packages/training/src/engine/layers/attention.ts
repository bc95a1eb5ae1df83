import type { AttentionLayer, Shape } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import type { WeightSpec } from '../initialize.ts';
import type { RuntimeLayer } from './layer.ts';

/**
 * Creates multi-head self-attention (Vaswani et al. 2017, equation 1 and section 3.2.2) over the places of each
 * example: y = concat(P₁V₁, …)·w_out with P = softmax(QKᵀ/√size), where Q, K and V are parts of x·w_in.
 *
 * | tensor               | shape                                               |
 * | -------------------- | --------------------------------------------------- |
 * | w_in, w_out          | [channels, 3·channels], [channels, channels]        |
 * | Q, K, V of all heads | [batch, heads, places, size]; size·heads = channels |
 * | P                    | [batch, heads, places, places]                      |
 */
export function createAttention(layer: AttentionLayer, input: Shape): RuntimeLayer {
  const { heads, init, sd } = layer;
  const [places, channels] = [input[0]! * input[1]!, input[2]!];
  const size = channels / heads;
  const scale = 1 / Math.sqrt(size);
  const spec = (outputs: number): WeightSpec => ({
    shape: [channels, outputs],
    fanIn: channels,
    fanOut: channels,
    init,
    sd,
  });
  const toRows = (x: tf.Tensor) => tf.reshape(x, [-1, channels]) as tf.Tensor2D;
  /** Turns rows [batch·places, count·size] into [batch, count, places, size]. */
  const toHeads = (rows: tf.Tensor, count: number): tf.Tensor4D =>
    tf.transpose(tf.reshape(rows, [-1, places, count, size]) as tf.Tensor4D, [0, 2, 1, 3]);
  const fromHeads = (parts: tf.Tensor4D): tf.Tensor2D =>
    tf.reshape(tf.transpose(parts, [0, 2, 1, 3]), [-1, parts.shape[1] * size]);
  const run = (x: Batch, [wIn, wOut]: readonly tf.Tensor[]) => {
    const [q, k, v] = tf.split(toHeads(tf.matMul(toRows(x), wIn as tf.Tensor2D), 3 * heads), 3, 1);
    const p = tf.softmax(tf.mul(tf.matMul(q!, k!, false, true), scale)) as tf.Tensor4D;
    const means = fromHeads(tf.matMul(p, v!) as tf.Tensor4D);
    const y = tf.reshape(tf.matMul(means, wOut as tf.Tensor2D), x.shape) as Batch;
    return { y, saved: [q!, k!, v!, p, means] };
  };
  return {
    name: layer.name,
    variables: [
      { name: 'in', role: 'weight', spec: spec(3 * channels) },
      { name: 'out', role: 'weight', spec: spec(channels) },
    ],
    forward: run,
    // With S = QKᵀ/√size, the rows of softmax give dS = P·(dP − Σ P·dP), where dP = dM·Vᵀ and M = PV.
    backward({ dy, x, saved, weights, want }) {
      const [q, k, v, p, means] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor2D];
      const [wIn, wOut] = weights as [tf.Tensor2D, tf.Tensor2D];
      const error = toRows(dy);
      const dMeans = toHeads(tf.matMul(error, wOut, false, true), heads);
      const dP = tf.matMul(dMeans, v, false, true);
      const dS = tf.mul(tf.mul(p, tf.sub(dP, tf.sum(tf.mul(p, dP), -1, true))), scale);
      const parts = [tf.matMul(dS, k), tf.matMul(dS, q, true), tf.matMul(p, dMeans, true)];
      const dIn = fromHeads(tf.concat(parts, 1) as tf.Tensor4D);
      const gradients = want.weights ? [tf.matMul(toRows(x), dIn, true), tf.matMul(means, error, true)] : [];
      if (!want.input) return { gradients };
      return { dx: tf.reshape(tf.matMul(dIn, wIn, false, true), x.shape) as Batch, gradients };
    },
    predict: (x, weights) => run(x, weights).y,
    dispose: () => {},
  };
}
