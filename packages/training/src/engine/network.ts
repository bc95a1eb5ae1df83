import {
  type BackwardReplacement,
  type Layer,
  type LayerReplacement,
  type LayerShape,
  listReplacements,
  type TrainingPlan,
} from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, KernelOps } from '../kernels/kernel-ops.ts';
import { disposeTensors, tidyTensors } from '../kernels/scope.ts';
import { drawWeights } from './initialize.ts';
import { createActivation } from './layers/activation.ts';
import { batchNorm } from './layers/batch-norm.ts';
import { createConv } from './layers/conv.ts';
import { createDense } from './layers/dense.ts';
import { createDropout } from './layers/dropout.ts';
import type { Backward, LayerContext, RuntimeLayer, Variable } from './layers/layer.ts';
import { createPool } from './layers/pool.ts';
import { createStream } from './streams.ts';

function runtimeLayer(
  layer: Layer,
  shape: LayerShape,
  replacement: LayerReplacement | undefined,
  context: LayerContext,
): RuntimeLayer {
  switch (layer.type) {
    case 'conv':
      return createConv(layer, shape.input, replacement, context);
    case 'dense':
      return createDense(layer, shape.input, replacement, context);
    case 'batch-norm':
      return batchNorm(layer, shape.input.at(-1)!, context);
    case 'pool':
      return createPool(layer);
    case 'dropout':
      return createDropout(layer, shape.input, context);
    case 'activation':
      return createActivation(layer, replacement, context);
  }
}

/**
 * Returns whether batch norm subtracts constants of the channels of this layer's output. Pooling layers pass constants
 * through unchanged.
 */
function isNormalized(layers: readonly Layer[], index: number): boolean {
  return layers.slice(index + 1).find(({ type }) => type !== 'pool')?.type === 'batch-norm';
}

function createConstant(shape: readonly number[], value: number): tf.Tensor {
  return tf.tidy(() => tf.mul(tf.ones([...shape]), value));
}

function getVariableShape(variable: Variable): readonly number[] {
  return variable.role === 'offset' ? variable.shape : variable.spec.shape;
}

function initializeVariable(variable: Variable, seed: number, layer: number, position: number): tf.Tensor {
  if (variable.role === 'offset') return createConstant(variable.shape, variable.start);
  return tf.tensor(drawWeights(variable.spec, createStream(seed, 'weights', layer, position)), [
    ...variable.spec.shape,
  ]);
}

/** A trained tensor: its layer and its initial value. */
export interface Parameter {
  readonly layer: string;
  readonly name: string;
  readonly role: Variable['role'];
  readonly trainable: boolean;
  readonly shape: readonly number[];
}

/** What training changes in a network. */
export interface NetworkValues {
  /** In the order of the network's parameters. */
  readonly parameters: readonly tf.Tensor[];
  /** The state of each layer. */
  readonly layers: readonly (readonly tf.Tensor[])[];
}

export interface Gradients {
  /** Mean cross entropy of the batch, a scalar. */
  readonly loss: tf.Scalar;
  /** Gradients of the trainable parameters, in order. */
  readonly gradients: readonly tf.Tensor[];
  /** The next state of each layer. */
  readonly layers: readonly (readonly tf.Tensor[])[];
}

/** What the forward pass keeps of a layer for the backward pass. */
interface Pass {
  readonly input: Batch;
  readonly y: Batch;
  readonly saved: readonly tf.Tensor[];
}

/**
 * A network as pure functions of its values. The backward pass is written out layer by layer instead of using automatic
 * differentiation: Gradsmith replaces terms of this pass, so each term is visible in the code.
 */
export class NetworkRuntime {
  readonly layers: readonly RuntimeLayer[];
  /** In the order of layers, weights before biases. Optimizer state and checkpoints depend on this order. */
  readonly parameters: readonly Parameter[];
  /** Start and end of each layer's parameters. */
  readonly #ranges: readonly (readonly [from: number, to: number])[];
  /** Whether each layer is trained. */
  readonly #trained: readonly boolean[];
  /** The first trained layer. No error is sent below it. */
  readonly #lowest: number;
  readonly #seed: number;
  readonly #ops: KernelOps;

  constructor(
    plan: TrainingPlan,
    options: { seed: number; backward: readonly BackwardReplacement[]; frozen: readonly string[]; ops: KernelOps },
  ) {
    const { seed, frozen, ops } = options;
    const replacements = listReplacements(options.backward);
    this.#seed = seed;
    this.#ops = ops;
    this.layers = plan.layers.map((layer, index) =>
      runtimeLayer(
        layer,
        plan.shape.layers[index]!,
        replacements.find((entry) => entry.layer === layer.name),
        { ops, seed, index, normalized: isNormalized(plan.layers, index), classes: plan.classes, steps: plan.steps },
      ),
    );
    this.parameters = this.layers.flatMap((layer) =>
      layer.variables.map((variable) => ({
        layer: layer.name,
        name: variable.name,
        role: variable.role,
        trainable: !frozen.includes(layer.name),
        shape: getVariableShape(variable),
      })),
    );
    let end = 0;
    this.#ranges = this.layers.map(({ variables }) => [end, (end += variables.length)]);
    this.#trained = this.#ranges.map(([from, to]) =>
      this.parameters.slice(from, to).some(({ trainable }) => trainable),
    );
    const lowest = this.#trained.indexOf(true);
    this.#lowest = lowest === -1 ? this.layers.length : lowest;
  }

  /** Creates the values before the first step. The caller disposes them. */
  start(): NetworkValues {
    return {
      parameters: this.layers.flatMap(({ variables }, index) =>
        variables.map((variable, position) => initializeVariable(variable, this.#seed, index, position)),
      ),
      layers: this.layers.map(({ state = [] }) => state.map((shape) => tf.zeros([...shape]))),
    };
  }

  /** Restores the state of the layers from its numbers. */
  restore(layers: readonly (readonly Float32Array[])[]): tf.Tensor[] {
    return this.layers.flatMap(({ state = [] }, i) => state.map((shape, k) => tf.tensor(layers[i]![k]!, [...shape])));
  }

  /**
   * Draws the random numbers of one step, in the order of the layers that draw.
   *
   * @param step from 0
   * @param batch number of examples
   */
  draw(step: number, batch: number): tf.Tensor[] {
    return this.layers.flatMap((layer) => layer.draw?.(step, batch) ?? []);
  }

  /**
   * Computes loss, gradients and next state of one step. A computation as defined by `KernelOps`.
   *
   * @param x [batch, …one example], not disposed
   * @param labels one-hot [batch, classes]
   * @param drawn by `draw`
   */
  gradients(x: Batch, labels: tf.Tensor2D, values: NetworkValues, drawn: readonly tf.Tensor[]): Gradients {
    const perLayer = this.#handOut(drawn);
    const { passes, layers } = this.#forward(x, values, perLayer);
    const logits = passes.at(-1)!.y as tf.Tensor2D;
    const { loss, dLogits } = tidyTensors(() => this.#ops.softmaxCrossEntropy(logits, labels));
    const gradients: tf.Tensor[] = [];
    let dy: Batch | undefined = dLogits;
    for (let i = this.layers.length - 1; i >= 0; i--) {
      const { input, y, saved } = passes[i]!;
      if (dy && i >= this.#lowest) {
        const passed: Batch = dy;
        const result: Backward = tidyTensors(() =>
          this.layers[i]!.backward({
            dy: passed,
            x: input,
            saved,
            drawn: perLayer[i],
            weights: this.#weights(i, values),
            outputError: dLogits,
            want: { input: i > this.#lowest, weights: this.#trained[i]! },
          }),
        );
        if (this.#trained[i]) gradients.unshift(...result.gradients);
        else disposeTensors(result.gradients);
        if (passed !== dLogits) passed.dispose();
        dy = result.dx;
      }
      disposeTensors([y, ...saved]);
    }
    if (dy && dy !== dLogits) dy.dispose();
    dLogits.dispose();
    return { loss, gradients, layers };
  }

  #forward(
    x: Batch,
    values: NetworkValues,
    drawn: readonly (tf.Tensor | undefined)[],
  ): { passes: Pass[]; layers: (readonly tf.Tensor[])[] } {
    let input = x;
    const layers: (readonly tf.Tensor[])[] = [];
    const passes = this.layers.map((layer, i) => {
      const from = input;
      const {
        y,
        saved,
        state = [],
      } = tidyTensors(() =>
        layer.forward(from, this.#weights(i, values), { state: values.layers[i]!, drawn: drawn[i] }),
      );
      layers.push(state);
      input = y;
      return { input: from, y, saved };
    });
    return { passes, layers };
  }

  /** Returns the drawn tensors by layer. */
  #handOut(drawn: readonly tf.Tensor[]): (tf.Tensor | undefined)[] {
    let next = 0;
    return this.layers.map((layer) => (layer.draw ? drawn[next++] : undefined));
  }

  #weights(layer: number, { parameters }: NetworkValues): readonly tf.Tensor[] {
    return parameters.slice(...this.#ranges[layer]!);
  }

  /**
   * Returns logits [batch, classes] when not training.
   *
   * @param steps number of training steps that produced the values
   */
  predict(x: Batch, values: NetworkValues, steps: number): tf.Tensor2D {
    return this.computeInput(this.layers.length, x, values, steps) as tf.Tensor2D;
  }

  /** Returns the input of a layer when not training; for the number of layers, the logits. */
  computeInput(layer: number, x: Batch, values: NetworkValues, steps: number): Batch {
    return tf.tidy(() =>
      this.layers
        .slice(0, layer)
        .reduce(
          (current, each, i) => each.predict(current, this.#weights(i, values), values.layers[i]!, steps),
          tf.clone(x),
        ),
    );
  }

  dispose(): void {
    for (const layer of this.layers) layer.dispose();
  }
}
