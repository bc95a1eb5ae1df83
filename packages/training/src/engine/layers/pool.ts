import type { PoolLayer } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { RuntimeLayer } from './layer.ts';

/** Creates max or average pooling. */
export function createPool(layer: PoolLayer): RuntimeLayer {
  const { size, stride, padding: pad } = layer;
  const forward = layer.kind === 'max' ? tf.maxPool : tf.avgPool;
  const run = (x: tf.Tensor) => forward(x as tf.Tensor4D, size, stride, pad);
  const attributes = { filterSize: size, strides: stride, pad };
  return {
    name: layer.name,
    variables: [],
    forward(x) {
      const y = run(x);
      return { y, saved: layer.kind === 'max' ? [tf.clone(y)] : [] };
    },
    backward({ dy, x, saved }) {
      const dx =
        layer.kind === 'max'
          ? tf.engine().runKernel(tf.MaxPoolGrad, { dy, input: x, output: saved[0]! }, attributes)
          : tf.engine().runKernel(tf.AvgPoolGrad, { dy, input: x }, attributes);
      return { dx: dx as tf.Tensor4D, gradients: [] };
    },
    predict: run,
    dispose: () => {},
  };
}
