import type { LayerReplacement, ConvLayer, Shape } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import type { WeightSpec } from '../initialize.ts';
import { createBias } from './bias.ts';
import { effectiveWeights } from './binary-weights.ts';
import type { LayerContext, RuntimeLayer } from './layer.ts';
import { feedbackMeasure, mirrorStart, mirrorWeights, sendError } from './send-error.ts';
import { errorTransport } from './transpose.ts';

/** Creates a convolution of images with filters [kernel, kernel, channels, filters], plus a bias. */
export function createConv(
  layer: ConvLayer,
  input: Shape,
  replacement: LayerReplacement | undefined,
  context: LayerContext,
): RuntimeLayer {
  const { kernel, filters, stride } = layer;
  const { pad, margin } = choosePadding(layer);
  const channels = input[2]!;
  const spec: WeightSpec = {
    shape: [kernel, kernel, channels, filters],
    fanIn: kernel * kernel * channels,
    fanOut: kernel * kernel * filters,
    init: layer.init,
    sd: layer.sd,
  };
  const transport = errorTransport(replacement?.transpose, spec, context);
  const effective = effectiveWeights(layer, replacement, context.steps);
  const bias = createBias(layer.bias, filters, context);
  const attributes = { strides: [stride, stride], pad, dataFormat: 'NHWC', dimRoundingMode: undefined as never };
  const run = (x: Batch, [filter, b]: readonly tf.Tensor[]) => {
    return tf.fused.conv2d({
      x: widen(x, margin),
      filter: effective.compute(filter!) as tf.Tensor4D,
      strides: stride,
      pad,
      bias: bias.added(b),
    });
  };
  return {
    name: layer.name,
    variables: [{ name: 'filters', role: 'weight', spec }, ...bias.variables],
    feedback: transport.trained,
    state: transport.mirror?.state,
    start: mirrorStart(transport, effective),
    draw: transport.mirror?.draw ?? effective.draw,
    forward: (x, weights, step) => ({
      y: run(x, weights),
      ...mirrorWeights(transport, () => effective.compute(weights[0]!), step),
    }),
    backward(backward) {
      const { x, dy, want } = backward;
      const gradients = want.weights
        ? [
            effective.gradient(
              tf
                .engine()
                .runKernel(
                  tf.Conv2DBackpropFilter,
                  { x: widen(x, margin), dy },
                  { ...attributes, filterShape: [...spec.shape] },
                ) as tf.Tensor,
              backward.weights[0]!,
              backward.drawn,
            ),
            ...bias.gradients(dy),
          ]
        : [];
      if (!want.input) return { gradients };
      const inputShape = widenShape(x.shape, margin);
      const pass = (filter: tf.Tensor): Batch => {
        const inputs = { dy, filter };
        const wide = tf.engine().runKernel(tf.Conv2DBackpropInput, inputs, { ...attributes, inputShape });
        return narrow(wide as tf.Tensor4D, x.shape, margin);
      };
      return sendError({ transport, effective, backward, gradients }, pass);
    },
    predict: run,
    measureFeedback: feedbackMeasure(transport, effective),
    dispose: () => transport.dispose(),
  };
}

/**
 * Returns the padding that TensorFlow.js is asked for, and the zeros that are added on every side before. With stride 1
 * and an odd kernel, symmetric padding is `same`.
 */
function choosePadding({ padding, kernel, stride }: ConvLayer): { pad: 'same' | 'valid'; margin: number } {
  if (padding !== 'symmetric') return { pad: padding, margin: 0 };
  if (stride === 1 && kernel % 2 === 1) return { pad: 'same', margin: 0 };
  return { pad: 'valid', margin: Math.floor(kernel / 2) };
}

function widen(x: Batch, margin: number): tf.Tensor4D {
  if (margin === 0) return x as tf.Tensor4D;
  return tf.pad4d(x as tf.Tensor4D, [
    [0, 0],
    [margin, margin],
    [margin, margin],
    [0, 0],
  ]);
}

function widenShape(shape: readonly number[], margin: number): number[] {
  return shape.map((side, axis) => (axis === 1 || axis === 2 ? side + 2 * margin : side));
}

function narrow(dx: tf.Tensor4D, shape: readonly number[], margin: number): tf.Tensor4D {
  if (margin === 0) return dx;
  return tf.slice4d(dx, [0, margin, margin, 0], shape as [number, number, number, number]);
}
