import type { Shape, ShortcutLayer } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import type { RuntimeLayer } from './layer.ts';

/**
 * Creates the parameter-free shortcut of a residual network: every `stride`-th pixel, with channels of zeros behind the
 * others. An average pool of single pixels skips the others on every backend.
 */
export function createShortcut(layer: ShortcutLayer, input: Shape): RuntimeLayer {
  const { stride, filters } = layer;
  const channels = input[2]!;
  const added = filters - channels;
  const attributes = { filterSize: 1, strides: stride, pad: 'valid' as const };
  const run = (x: Batch): Batch => {
    const skipped = stride === 1 ? tf.clone(x as tf.Tensor4D) : tf.avgPool(x as tf.Tensor4D, 1, stride, 'valid');
    if (added === 0) return skipped;
    return tf.pad4d(skipped, [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, added],
    ]);
  };
  return {
    name: layer.name,
    variables: [],
    forward: (x) => ({ y: run(x), saved: [] }),
    backward({ dy, x }) {
      const kept = added === 0 ? dy : tf.slice4d(dy as tf.Tensor4D, [0, 0, 0, 0], [-1, -1, -1, channels]);
      const dx =
        stride === 1
          ? tf.clone(kept)
          : (tf.engine().runKernel(tf.AvgPoolGrad, { dy: kept, input: x }, attributes) as tf.Tensor4D);
      return { dx, gradients: [] };
    },
    predict: run,
    dispose: () => {},
  };
}
