import type { LayerReplacement, ConvLayer, Shape } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import type { WeightSpec } from '../initialize.ts';
import { createBias } from './bias.ts';
import { effectiveWeights } from './binary-weights.ts';
import type { LayerContext, RuntimeLayer } from './layer.ts';
import { describeTransport, mirrorWeights, sendError } from './send-error.ts';
import { errorTransport } from './transpose.ts';

/** Creates a convolution of images with filters [kernel, kernel, channels, filters], plus a bias. */
export function createConv(
  layer: ConvLayer,
  input: Shape,
  replacement: LayerReplacement | undefined,
  context: LayerContext,
): RuntimeLayer {
  const { kernel, filters, stride } = layer;
  const { pad, margin } = choosePadding(layer, input);
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
    ...describeTransport(transport, effective),
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
  };
}

/** Zeros that are added around an image: before and after its rows, and before and after its columns. */
type Margin = readonly [rows: readonly [number, number], columns: readonly [number, number]];

/**
 * Returns the padding that TensorFlow.js is asked for, and the zeros that are added before. With stride 1 and an odd
 * kernel, symmetric padding is `same`. If the windows of `same` leave out the end of the rows or columns, the backend
 * wasm would compute other windows, so their padding is added here.
 */
function choosePadding(
  { padding, kernel, stride }: ConvLayer,
  [height, width]: Shape,
): { pad: 'same' | 'valid'; margin: Margin | null } {
  if (padding === 'symmetric') {
    if (stride === 1 && kernel % 2 === 1) return { pad: 'same', margin: null };
    const half = Math.floor(kernel / 2);
    return {
      pad: 'valid',
      margin: [
        [half, half],
        [half, half],
      ],
    };
  }
  const missing = [height!, width!].map((side) => (Math.ceil(side / stride) - 1) * stride + kernel - side);
  if (padding === 'valid' || missing.every((zeros) => zeros >= 0)) return { pad: padding, margin: null };
  const [rows, columns] = missing.map((zeros) => splitZeros(Math.max(0, zeros)));
  const isNone = missing.every((zeros) => zeros <= 0);
  return { pad: 'valid', margin: isNone ? null : [rows!, columns!] };
}

/** Splits the padding of `same`: an odd zero is added after. */
function splitZeros(zeros: number): readonly [number, number] {
  return [Math.floor(zeros / 2), Math.ceil(zeros / 2)];
}

function widen(x: Batch, margin: Margin | null): tf.Tensor4D {
  if (!margin) return x as tf.Tensor4D;
  const [rows, columns] = margin.map(([before, after]) => [before, after] as [number, number]);
  return tf.pad4d(x as tf.Tensor4D, [[0, 0], rows!, columns!, [0, 0]]);
}

function widenShape([batch, height, width, channels]: readonly number[], margin: Margin | null): number[] {
  const [rows, columns] = margin ?? [
    [0, 0],
    [0, 0],
  ];
  return [batch!, height! + rows[0] + rows[1], width! + columns[0] + columns[1], channels!];
}

function narrow(dx: tf.Tensor4D, shape: readonly number[], margin: Margin | null): tf.Tensor4D {
  if (!margin) return dx;
  return tf.slice4d(dx, [0, margin[0][0], margin[1][0], 0], shape as [number, number, number, number]);
}
