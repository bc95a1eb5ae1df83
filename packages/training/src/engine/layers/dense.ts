import type { LayerReplacement, DenseLayer, Shape } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import type { WeightSpec } from '../initialize.ts';
import { createBias } from './bias.ts';
import { effectiveWeights } from './binary-weights.ts';
import type { LayerContext, RuntimeLayer } from './layer.ts';
import { describeTransport, mirrorWeights, sendError } from './send-error.ts';
import { errorTransport } from './transpose.ts';

/** Creates a dense layer: y = flatten(x)·w + b with w [inputs, units]. */
export function createDense(
  layer: DenseLayer,
  input: Shape,
  replacement: LayerReplacement | undefined,
  context: LayerContext,
): RuntimeLayer {
  const inputs = input.reduce((product, side) => product * side, 1);
  const spec: WeightSpec = {
    shape: [inputs, layer.units],
    fanIn: inputs,
    fanOut: layer.units,
    init: layer.init,
    sd: layer.sd,
  };
  const transport = errorTransport(replacement?.transpose, spec, context);
  const effective = effectiveWeights(layer, replacement, context.steps);
  const bias = createBias(layer.bias, layer.units, context);
  // Overhead dominates in small networks, so a reshape that changes nothing is skipped.
  const flatten = (x: Batch) => (x.shape.length === 2 ? x : tf.reshape(x, [-1, inputs])) as tf.Tensor2D;
  const like = (dx: tf.Tensor2D, x: Batch) => (x.shape.length === 2 ? dx : tf.reshape(dx, x.shape)) as Batch;
  const run = (x: Batch, [w, b]: readonly tf.Tensor[]): tf.Tensor2D => {
    const product: tf.Tensor2D = tf.matMul(flatten(x), effective.compute(w!) as tf.Tensor2D);
    const added = bias.added(b);
    return added ? tf.add<tf.Tensor2D>(product, added) : product;
  };
  return {
    name: layer.name,
    variables: [{ name: 'weights', role: 'weight', spec }, ...bias.variables],
    ...describeTransport(transport, effective),
    forward: (x, weights, step) => ({
      y: run(x, weights),
      ...mirrorWeights(transport, () => effective.compute(weights[0]!), step),
    }),
    backward(backward) {
      const { x, want } = backward;
      const dy = backward.dy as tf.Tensor2D;
      const [w] = backward.weights as [tf.Tensor];
      const gradients = want.weights
        ? [effective.gradient(tf.matMul(flatten(x), dy, true), w, backward.drawn), ...bias.gradients(dy)]
        : [];
      if (!want.input) return { gradients };
      const pass = (matrix: tf.Tensor): Batch => like(tf.matMul(dy, matrix as tf.Tensor2D, false, true), x);
      return sendError({ transport, effective, backward, gradients }, pass);
    },
    predict: run,
  };
}
