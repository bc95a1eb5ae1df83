import type { LayerReplacement, ConvLayer, Shape } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import type { WeightSpec } from '../initialize.ts';
import { createBias } from './bias.ts';
import { effectiveWeights } from './binary-weights.ts';
import type { LayerContext, RuntimeLayer } from './layer.ts';
import { errorTransport } from './transpose.ts';

/** Creates a convolution of images with filters [kernel, kernel, channels, filters], plus a bias. */
export function createConv(
  layer: ConvLayer,
  input: Shape,
  replacement: LayerReplacement | undefined,
  context: LayerContext,
): RuntimeLayer {
  const { kernel, filters, stride, padding: pad } = layer;
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
      x: x as tf.Tensor4D,
      filter: effective.compute(filter!) as tf.Tensor4D,
      strides: stride,
      pad,
      bias: bias.added(b),
    });
  };
  return {
    name: layer.name,
    variables: [{ name: 'filters', role: 'weight', spec }, ...bias.variables],
    draw: effective.draw,
    forward: (x, weights) => ({ y: run(x, weights), saved: [] }),
    backward(backward) {
      const { x, dy, want } = backward;
      const gradients = want.weights
        ? [
            effective.gradient(
              tf
                .engine()
                .runKernel(
                  tf.Conv2DBackpropFilter,
                  { x, dy },
                  { ...attributes, filterShape: [...spec.shape] },
                ) as tf.Tensor,
              backward.weights[0]!,
              backward.drawn,
            ),
            ...bias.gradients(dy),
          ]
        : [];
      const dx = want.input
        ? transport.send(
            { ...backward, weights: [effective.compute(backward.weights[0]!)] },
            (filter) =>
              tf
                .engine()
                .runKernel(
                  tf.Conv2DBackpropInput,
                  { dy, filter },
                  { ...attributes, inputShape: x.shape },
                ) as tf.Tensor4D,
          )
        : undefined;
      return dx ? { dx, gradients } : { gradients };
    },
    predict: run,
    dispose: () => transport.dispose(),
  };
}
