import {
  type ActivationLayer,
  buildActivation,
  buildActivationDerivative,
  buildBackwardExpression,
  type ConvLayer,
  type DenseLayer,
  type LayerReplacement,
  listVariables,
  type Shape,
} from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { createBias } from '../engine/layers/bias.ts';
import { createConv } from '../engine/layers/conv.ts';
import type { BackwardInput, LayerContext } from '../engine/layers/layer.ts';
import { evaluateTensor } from '../engine/tensor-expression.ts';
import type { Batch } from '../kernels/kernel-ops.ts';
import { mergeExpressions } from './merge-expressions.ts';

/**
 * How k networks are stacked.
 *
 * | form      | vectors           | images                                                           |
 * | --------- | ----------------- | ---------------------------------------------------------------- |
 * | `shared`  | [batch, channels] | [batch, height, width, channels]: the input of all networks      |
 * | `stacked` | [k, batch, units] | [batch, height, width, k·channels]: the channels of each network |
 */
export type Form = 'shared' | 'stacked';

/** A layer of k networks. Its methods are those of `RuntimeLayer`, for tensors in stacked form. */
export interface StackedLayer {
  /** Stacks a weight of all networks, which have one tensor each, in the order of the layer's variables. */
  readonly stack: readonly ((tensors: readonly tf.Tensor[]) => tf.Tensor)[];
  forward(
    x: tf.Tensor,
    weights: readonly tf.Tensor[],
    state: readonly tf.Tensor[],
  ): { y: tf.Tensor; saved: readonly tf.Tensor[]; state?: readonly tf.Tensor[] };
  backward(input: StackedBackward): { dx?: tf.Tensor; gradients: readonly tf.Tensor[] };
  dispose?(): void;
}

export interface StackedBackward {
  readonly dy: tf.Tensor;
  readonly x: tf.Tensor;
  readonly saved: readonly tf.Tensor[];
  readonly weights: readonly tf.Tensor[];
  readonly want: BackwardInput['want'];
}

/** Puts the channels or units of all networks side by side. */
export const sideBySide = (tensors: readonly tf.Tensor[]): tf.Tensor => tf.concat([...tensors], -1);
const onTop = (tensors: readonly tf.Tensor[]): tf.Tensor => tf.stack([...tensors]);
const onTopAsRows = (tensors: readonly tf.Tensor[]): tf.Tensor =>
  tf.stack(tensors.map((each) => tf.reshape(each, [1, -1])));

/** Creates dense layers of k networks: [k, batch, inputs] × [k, inputs, units], or for their input one wide product. */
export function stackDense(layer: DenseLayer, form: Form, k: number): StackedLayer {
  const product = form === 'shared' ? wideProduct(k) : batchedProduct(k);
  return {
    stack: layer.bias ? [product.stack, onTopAsRows] : [product.stack],
    forward(x, [w, b]) {
      const y = product.multiply(x, w!);
      return { y: b ? tf.add(y, b) : y, saved: [] };
    },
    backward({ dy, x, weights, want }) {
      const gradients: tf.Tensor[] = want.weights ? [product.weightGradient(x, dy)] : [];
      if (want.weights && layer.bias) gradients.push(tf.sum(dy, 1, true));
      return want.input ? { dx: product.inputGradient(dy, weights[0]!, x), gradients } : { gradients };
    },
  };
}

/** The products of k dense layers. Outputs have the form [k, batch, units]. */
interface Product {
  readonly stack: (weights: readonly tf.Tensor[]) => tf.Tensor;
  multiply(x: tf.Tensor, w: tf.Tensor): tf.Tensor;
  weightGradient(x: tf.Tensor, dy: tf.Tensor): tf.Tensor;
  inputGradient(dy: tf.Tensor, w: tf.Tensor, x: tf.Tensor): tf.Tensor;
}

/** All networks have the same x: one product with the units of all of them. */
function wideProduct(k: number): Product {
  const flatten = (x: tf.Tensor) => tf.reshape(x, [x.shape[0]!, -1]) as tf.Tensor2D;
  return {
    stack: sideBySide,
    multiply: (x, w) => gatherVectors(tf.matMul(flatten(x), w as tf.Tensor2D), k),
    weightGradient(x, dy) {
      const wide = tf.reshape(tf.transpose(dy, [1, 0, 2]), [dy.shape[1]!, -1]);
      return tf.matMul(flatten(x), wide as tf.Tensor2D, true);
    },
    inputGradient: () => {
      throw new RangeError('no error is sent below the input');
    },
  };
}

function batchedProduct(k: number): Product {
  return {
    stack: onTop,
    multiply: (x, w) => multiplyBatches(gatherVectors(x, k), w),
    weightGradient: (x, dy) => multiplyBatches(gatherVectors(x, k), dy, { transposeA: true }),
    inputGradient: (dy, w, x) => scatterVectors(multiplyBatches(dy, w, { transposeB: true }), x, k),
  };
}

/** Wasm's product of several matrices takes eight times as long as one product after the other. */
function multiplyBatches(a: tf.Tensor, b: tf.Tensor, { transposeA = false, transposeB = false } = {}): tf.Tensor {
  if (tf.getBackend() !== 'wasm') return tf.matMul(a, b, transposeA, transposeB);
  const [left, right] = [unstack([a], a.shape[0]!), unstack([b], b.shape[0]!)];
  return onTop(left.map(([part], i) => tf.matMul(part!, right[i]![0]!, transposeA, transposeB)));
}

/** Returns the flattened inputs [k, batch, inputs] of a dense layer, from vectors or images in stacked form. */
function gatherVectors(x: tf.Tensor, k: number): tf.Tensor {
  if (x.rank === 3) return x;
  const [batch, channels] = [x.shape[0]!, x.shape.at(-1)! / k];
  return tf.reshape(tf.transpose(tf.reshape(x, [batch, -1, k, channels]), [2, 0, 1, 3]), [k, batch, -1]);
}

/** The reverse of `gatherVectors`. */
function scatterVectors(dx: tf.Tensor, x: tf.Tensor, k: number): tf.Tensor {
  if (x.rank === 3) return dx;
  const [batch, channels] = [x.shape[0]!, x.shape.at(-1)! / k];
  return tf.reshape(tf.transpose(tf.reshape(dx, [k, batch, -1, channels]), [1, 2, 0, 3]), x.shape);
}

/**
 * Creates convolutions of k networks. Those of the networks' input are one convolution with the filters of all of them.
 * Others are one grouped convolution where the backend has it, or else k convolutions, each of the channels of its
 * network.
 */
export function stackConv(layer: ConvLayer, input: Shape, form: Form, context: LayerContext, k: number): StackedLayer {
  if (form === 'shared') {
    const wide = createConv({ ...layer, filters: k * layer.filters }, input, undefined, context);
    return {
      stack: wide.variables.map(() => sideBySide),
      forward: (x, weights) => wide.forward(x as Batch, weights, { state: [], drawn: undefined, others: [] }),
      backward: (given) => wide.backward(toBackwardInput(given)),
    };
  }
  if (tf.getBackend() === 'tensorflow' && layer.padding !== 'symmetric') return groupConv(layer, input, context, k);
  const single = createConv(layer, input, undefined, context);
  const stack = single.variables.map(({ role }) => (role === 'weight' ? onTop : sideBySide));
  return {
    stack,
    forward(x, weights) {
      const own = unstack(weights, k);
      const ys = tf.split(x, k, -1).map((part, i) => single.forward(part as Batch, own[i]!, NOTHING).y);
      return { y: sideBySide(ys), saved: [] };
    },
    backward(given) {
      const own = unstack(given.weights, k);
      const [dys, xs] = [tf.split(given.dy, k, -1), tf.split(given.x, k, -1)];
      const passes = dys.map((dy, i) =>
        single.backward(toBackwardInput({ ...given, dy, x: xs[i]!, weights: own[i]! })),
      );
      const gradients = passes[0]!.gradients.map((_, j) => stack[j]!(passes.map((pass) => pass.gradients[j]!)));
      if (!given.want.input) return { gradients };
      return { dx: sideBySide(passes.map(({ dx }) => dx!)), gradients };
    },
  };
}

/**
 * Creates a convolution in k groups with the filters [kernel, kernel, channels, k·filters]. TensorFlow computes it if
 * the filters have fewer channels than x, which the public functions of TensorFlow.js refuse.
 */
function groupConv(layer: ConvLayer, input: Shape, context: LayerContext, k: number): StackedLayer {
  const { kernel, filters, stride, padding } = layer;
  const bias = createBias(layer.bias, k * filters, context);
  const sides: [number, number] = [stride, stride];
  const attributes = { strides: sides, pad: padding, dataFormat: 'NHWC', dilations: [1, 1] };
  const filterShape = [kernel, kernel, input[2]!, k * filters];
  const run = (name: string, inputs: Record<string, tf.Tensor>, more = {}): tf.Tensor =>
    tf.engine().runKernel(name, inputs, { ...attributes, ...more } as tf.NamedAttrMap);
  return {
    stack: [sideBySide, ...bias.variables.map(() => sideBySide)],
    forward(x, [filter, b]) {
      const product = run(tf.Conv2D, { x, filter: filter! });
      const added = bias.added(b);
      return { y: added ? tf.add(product, added) : product, saved: [] };
    },
    backward({ dy, x, weights, want }) {
      const gradients = want.weights
        ? [run(tf.Conv2DBackpropFilter, { x, dy }, { filterShape }), ...bias.gradients(dy as Batch)]
        : [];
      if (!want.input) return { gradients };
      return { dx: run(tf.Conv2DBackpropInput, { dy, filter: weights[0]! }, { inputShape: x.shape }), gradients };
    },
  };
}

/** Returns the weights of each network. Parts of vectors are not reshaped: wasm's bias must be made as a vector. */
function unstack(weights: readonly tf.Tensor[], k: number): tf.Tensor[][] {
  const parts = weights.map((weight) => {
    const split = tf.split(weight, k);
    return weight.rank === 1 ? split : split.map((part) => tf.reshape(part, weight.shape.slice(1)));
  });
  return Array.from({ length: k }, (_, i) => parts.map((each) => each[i]!));
}

const NOTHING = { state: [], drawn: undefined, others: [] } as const;

/** The rest of what layers may use is only for replacements, which stacked layers do not have. */
export function toBackwardInput({ dy, x, ...rest }: StackedBackward): BackwardInput {
  const unused = {
    others: [],
    drawn: undefined,
    feedback: undefined,
    randomError: undefined,
    outputError: undefined as never,
  };
  return { dy: dy as Batch, x: x as Batch, ...rest, ...unused };
}

/** Creates activations of k networks, each with its own b-function, if they have one. */
export function stackActivation(
  layer: ActivationLayer,
  input: Shape,
  replacements: readonly (LayerReplacement | undefined)[],
  context: LayerContext,
): StackedLayer {
  const sigma = buildActivation(layer.function, layer.levels);
  const { expression, numbers } = mergeExpressions(
    replacements.map((replacement) => {
      const { derivative, mask = false } = replacement ?? {};
      if (!derivative) return buildActivationDerivative(layer.function);
      return buildBackwardExpression({ derivative, mask }, layer.function, layer.levels);
    }),
  );
  const others = [...listVariables(expression)].filter((name) => name !== 'z' && !numbers.has(name));
  if (others.length > 0) throw new RangeError(`b-functions of stacked networks cannot use ${others.join(', ')}`);
  const isPlainRelu = layer.function === 'relu' && replacements.every((each) => !each?.derivative);
  const constants = Object.fromEntries([...numbers].map(([name, values]) => [name, createNumbers(values, input)]));
  return {
    stack: [],
    forward: (x) => ({ y: evaluateTensor(sigma, x), saved: [] }),
    backward({ dy, x }) {
      if (isPlainRelu) return { dx: context.ops.reluGrad(dy as Batch, x as Batch), gradients: [] };
      return { dx: tf.mul(dy, evaluateTensor(expression, x, constants)), gradients: [] };
    },
    dispose: () => tf.dispose(constants),
  };
}

/** Creates a tensor with a number for each network, which fits vectors or images in stacked form. */
function createNumbers(values: readonly number[], input: Shape): tf.Tensor {
  if (input.length === 1) return tf.tensor([...values], [values.length, 1, 1]);
  return tf.tensor1d(values.flatMap((value) => Array.from({ length: input.at(-1)! }, () => value)));
}
