import {
  type BatchNormLayer,
  type Layer,
  type LayerReplacement,
  listReplacements,
  type PoolLayer,
  type TrainingObjective,
  type TrainingPlan,
} from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { batchNorm } from '../engine/layers/batch-norm.ts';
import type { LayerContext, RuntimeLayer } from '../engine/layers/layer.ts';
import { createPool } from '../engine/layers/pool.ts';
import { NetworkRuntime, type Parameter } from '../engine/network.ts';
import type { Batch, KernelOps } from '../kernels/kernel-ops.ts';
import {
  type Form,
  sideBySide,
  stackActivation,
  stackConv,
  stackDense,
  type StackedLayer,
  toBackwardInput,
} from './stacked-layers.ts';

type Tensors = readonly tf.Tensor[];

/** What training changes in stacked networks. */
export interface StackedValues {
  /** In the order of `StackedNetwork.parameters`. */
  readonly parameters: Tensors;
  /** The state of each layer. */
  readonly layers: readonly Tensors[];
}

export interface StackedGradients {
  /** The mean cross entropy of each network [k]. */
  readonly losses: tf.Tensor1D;
  /** Of the trainable parameters, in order. */
  readonly gradients: Tensors;
  readonly layers: readonly Tensors[];
}

/** k networks of one architecture, one layer after the other, as one network with stacked weights. */
export class StackedNetwork {
  readonly parameters: readonly Parameter[];
  readonly #layers: readonly StackedLayer[];
  readonly #ranges: readonly (readonly [from: number, to: number])[];
  readonly #trained: readonly boolean[];
  /** The lowest trained layer. No error is sent below it. */
  readonly #lowest: number;
  readonly #start: StackedValues;

  /** @throws RangeError if stacked networks cannot train the objectives */
  constructor(objectives: readonly TrainingObjective[], plan: TrainingPlan, ops: KernelOps) {
    const networks = objectives.map(
      ({ seed, backward, frozen }) => new NetworkRuntime(plan, { seed, backward, frozen, ops }),
    );
    this.#layers = createLayers(objectives, plan, ops);
    let end = 0;
    this.#ranges = this.#layers.map(({ stack }) => [end, (end += stack.length)]);
    const starts = networks.map((network) => network.start());
    const stacks = this.#layers.flatMap(({ stack }) => stack);
    this.#start = {
      parameters: stacks.map((stack, i) => tf.tidy(() => stack(starts.map(({ parameters }) => parameters[i]!)))),
      layers: this.#layers.map((_, i) =>
        starts[0]!.layers[i]!.map((_, j) => tf.tidy(() => sideBySide(starts.map(({ layers }) => layers[i]![j]!)))),
      ),
    };
    tf.dispose(starts as unknown as tf.TensorContainer);
    this.parameters = networks[0]!.parameters.map((parameter, i) => ({
      ...parameter,
      shape: this.#start.parameters[i]!.shape,
    }));
    this.#trained = this.#ranges.map((range) => this.parameters.slice(...range).some(({ trainable }) => trainable));
    this.#lowest = this.#trained.indexOf(true);
    for (const network of networks) network.dispose();
  }

  /** Returns the values before the first step. The caller disposes them. */
  start(): StackedValues {
    return this.#start;
  }

  /**
   * Computes losses, gradients and next state of one step. Must run inside `tidy`.
   *
   * @param x [batch, …one example], for all networks
   * @param labels one-hot [batch, classes]
   */
  gradients(x: Batch, labels: tf.Tensor2D, { parameters, layers }: StackedValues): StackedGradients {
    const weights = this.#ranges.map((range) => parameters.slice(...range));
    const passes: { x: tf.Tensor; saved: Tensors }[] = [];
    const nextLayers: Tensors[] = [];
    let value: tf.Tensor = x;
    for (const [i, layer] of this.#layers.entries()) {
      const { y, saved, state = [] } = layer.forward(value, weights[i]!, layers[i]!);
      passes.push({ x: value, saved });
      nextLayers.push(state);
      value = y;
    }
    const { losses, dLogits } = computeCrossEntropies(value as tf.Tensor3D, labels);
    const gradients: tf.Tensor[] = [];
    let dy: tf.Tensor = dLogits;
    for (let i = this.#layers.length - 1; i >= this.#lowest; i--) {
      const want = { input: i > this.#lowest, weights: this.#trained[i]! };
      const pass = this.#layers[i]!.backward({ dy, ...passes[i]!, weights: weights[i]!, want });
      if (want.weights) gradients.unshift(...pass.gradients);
      if (want.input) dy = pass.dx!;
    }
    return { losses, gradients, layers: nextLayers };
  }

  dispose(): void {
    for (const layer of this.#layers) layer.dispose?.();
  }
}

/** `softmaxCrossEntropy` of each network. @param logits [k, batch, classes] */
function computeCrossEntropies(
  logits: tf.Tensor3D,
  labels: tf.Tensor2D,
): { losses: tf.Tensor1D; dLogits: tf.Tensor3D } {
  const shifted = tf.sub(logits, tf.max(logits, 2, true));
  const exponentials = tf.exp(shifted);
  const total = tf.sum(exponentials, 2, true);
  const losses = tf.sub(tf.log(total), tf.sum(tf.mul(shifted, labels), 2, true));
  const dLogits = tf.div<tf.Tensor3D>(tf.sub(tf.div(exponentials, total), labels), logits.shape[1]);
  return { losses: tf.mean<tf.Tensor1D>(losses, [1, 2]), dLogits };
}

function createLayers(objectives: readonly TrainingObjective[], plan: TrainingPlan, ops: KernelOps): StackedLayer[] {
  const replacements = objectives.map(({ backward }) => listReplacements(backward));
  let form: Form = 'shared';
  return plan.layers.map((layer, index) => {
    const { input, sources } = plan.shape.layers[index]!;
    if (sources.length !== 1 || sources[0] !== index - 1) refuse('branches');
    const next = plan.layers[index + 1];
    const context: LayerContext = {
      ops,
      index,
      seed: objectives[0]!.seed,
      // As in `NetworkRuntime`: pooling passes a constant of a channel on.
      normalized:
        next?.type === 'batch-norm' || (next?.type === 'pool' && plan.layers[index + 2]?.type === 'batch-norm'),
      classes: plan.classes,
      sendsRandomError: false,
      steps: plan.steps,
    };
    const own = replacements.map((list) => list.find((each) => each.layer === layer.name));
    const created = createLayer(layer, { input, form, own, context });
    if (layer.type === 'dense' || layer.type === 'conv') form = 'stacked';
    return created;
  });
}

interface Place {
  readonly input: readonly number[];
  readonly form: Form;
  /** The replacement of each network. */
  readonly own: readonly (LayerReplacement | undefined)[];
  readonly context: LayerContext;
}

function createLayer(layer: Layer, { input, form, own, context }: Place): StackedLayer {
  if (own.some((each) => each?.program || each?.transpose)) refuse('programs and replaced transposes');
  if ((layer.type === 'conv' || layer.type === 'dense') && layer.weights) refuse('binary weights');
  switch (layer.type) {
    case 'dense':
      return stackDense(layer, form, own.length);
    case 'conv':
      return stackConv(layer, input, form, context, own.length);
    case 'activation':
      return stackActivation(layer, input, own, context);
    case 'pool':
    case 'batch-norm':
      if (input.length !== 3 || form === 'shared') return refuse(`${layer.type} of vectors or of the input`);
      return stackChannels(layer, input.at(-1)! * own.length, context);
    case 'dropout':
      if (layer.rate > 0) refuse('dropout');
      return {
        stack: [],
        forward: (x) => ({ y: tf.clone(x), saved: [] }),
        backward: ({ dy }) => ({ dx: tf.clone(dy), gradients: [] }),
      };
    default:
      return refuse(`layers of type ${layer.type}`);
  }
}

/** Layers that treat each channel alone treat those of k networks like those of one. */
function stackChannels(layer: PoolLayer | BatchNormLayer, channels: number, context: LayerContext): StackedLayer {
  const wide: RuntimeLayer = layer.type === 'pool' ? createPool(layer) : batchNorm(layer, channels, context);
  return {
    stack: wide.variables.map(() => sideBySide),
    forward: (x, weights, state) => wide.forward(x as Batch, weights, { state, drawn: undefined, others: [] }),
    backward: (given) => wide.backward(toBackwardInput(given)),
  };
}

function refuse(what: string): never {
  throw new RangeError(`stacked networks cannot have ${what}`);
}
