import type { DropoutLayer, Shape } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import { dropoutMask, createStream } from '../streams.ts';
import type { LayerContext, RuntimeLayer } from './layer.ts';

/** Creates inverted dropout. Every step has a new mask, which is the same on every backend. */
export function createDropout(layer: DropoutLayer, input: Shape, { index, seed }: LayerContext): RuntimeLayer {
  const mask = (step: number, batch: number) => {
    const shape = [batch, ...input];
    const count = shape.reduce((product, side) => product * side, 1);
    return tf.tensor(dropoutMask(count, layer.rate, createStream(seed, 'dropout', index, step)), shape);
  };
  const masked = (x: Batch, by: tf.Tensor | undefined) => (by ? tf.mul<Batch>(x, by) : tf.clone(x));
  return {
    name: layer.name,
    variables: [],
    draw: layer.rate > 0 ? mask : undefined,
    forward: (x, _weights, { drawn }) => ({ y: masked(x, drawn), saved: [] }),
    backward: ({ dy, drawn }) => ({ dx: masked(dy, drawn), gradients: [] }),
    predict: (x) => tf.clone(x),
    dispose: () => {},
  };
}
