import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import type { RuntimeLayer } from './layer.ts';

/** Creates the sum of several inputs of one shape. */
export function createAdd(name: string): RuntimeLayer {
  const run = (x: Batch, others: readonly Batch[]): Batch =>
    others.reduce<Batch>((sum, other) => tf.add<Batch>(sum, other), x);
  return {
    name,
    variables: [],
    forward: (x, _weights, { others }) => ({ y: run(x, others), saved: [] }),
    backward: ({ dy, others }) => ({ dx: tf.clone(dy), dOthers: others.map(() => tf.clone(dy)), gradients: [] }),
    predict: (x, _weights, { others }) => run(x, others),
    dispose: () => {},
  };
}

/** Creates several inputs one after the other along the last axis. */
export function createConcat(name: string): RuntimeLayer {
  const run = (x: Batch, others: readonly Batch[]) => tf.concat([x, ...others], -1) as Batch;
  return {
    name,
    variables: [],
    forward: (x, _weights, { others }) => ({ y: run(x, others), saved: [] }),
    backward({ dy, x, others }) {
      const channels = [x, ...others].map(({ shape }) => shape.at(-1)!);
      const [dx, ...dOthers] = tf.split(dy as tf.Tensor, channels, -1) as [Batch, ...Batch[]];
      return { dx, dOthers, gradients: [] };
    },
    predict: (x, _weights, { others }) => run(x, others),
    dispose: () => {},
  };
}
