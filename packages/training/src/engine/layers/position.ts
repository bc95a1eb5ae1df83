import type { PositionLayer, Shape } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import type { LayerContext, RuntimeLayer } from './layer.ts';

/** Creates learned positions: y = x + w with w [height, width, channels]. */
export function createPosition(layer: PositionLayer, input: Shape, { ops }: LayerContext): RuntimeLayer {
  const { init, sd } = layer;
  const [places, channels] = [input[0]! * input[1]!, input[2]!];
  const run = (x: Batch, [w]: readonly tf.Tensor[]) => tf.add<Batch>(x, w!);
  return {
    name: layer.name,
    variables: [{ name: 'weights', role: 'weight', spec: { shape: input, fanIn: places, fanOut: channels, init, sd } }],
    forward: (x, weights) => ({ y: run(x, weights), saved: [] }),
    backward({ dy, want }) {
      const rows = tf.reshape(dy, [-1, places * channels]) as tf.Tensor2D;
      return { dx: tf.clone(dy), gradients: want.weights ? [tf.reshape(ops.sumToChannels(rows), [...input])] : [] };
    },
    predict: run,
    dispose: () => {},
  };
}
