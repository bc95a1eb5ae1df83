import type { DropoutLayer } from '@gradsmith/core';
import * as tf from '@tensorflow/tfjs-core';
import { dropoutMask, stream } from '../streams.ts';
import type { LayerContext, RuntimeLayer } from './layer.ts';

/** Inverted dropout with a mask that is new at every step and the same on every backend. */
export function dropout(layer: DropoutLayer, { index, seed }: LayerContext): RuntimeLayer {
  return {
    name: layer.name,
    variables: [],
    forward(x, _weights, step) {
      if (layer.rate === 0) return { y: tf.clone(x), saved: [] };
      const mask = tf.tensor(dropoutMask(x.size, layer.rate, stream(seed, 'dropout', index, step)), x.shape);
      return { y: tf.mul(x, mask), saved: [mask] };
    },
    backward: ({ dy, saved }) => ({ dx: saved[0] ? tf.mul(dy, saved[0]) : tf.clone(dy), gradients: [] }),
    predict: (x) => tf.clone(x),
    dispose: () => {},
  };
}
