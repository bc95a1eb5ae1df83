import type { Shape } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import type { RuntimeLayer } from './layer.ts';

/** Creates the mean of each channel over the image. */
export function createGlobalAveragePool(name: string, input: Shape): RuntimeLayer {
  const [height, width, channels] = input as [number, number, number];
  const window: [number, number] = [height, width];
  const run = (x: Batch) => tf.reshape(tf.avgPool(x as tf.Tensor4D, window, 1, 'valid'), [-1, channels]) as tf.Tensor2D;
  return {
    name,
    variables: [],
    forward: (x) => ({ y: run(x), saved: [] }),
    backward({ dy, x }) {
      const share = tf.reshape(tf.div(dy, height * width), [-1, 1, 1, channels]);
      return { dx: tf.broadcastTo(share, [...x.shape] as tf.Tensor4D['shape']) as tf.Tensor4D, gradients: [] };
    },
    predict: run,
    dispose: () => {},
  };
}
