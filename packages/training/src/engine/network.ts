import type { BackwardReplacement, Layer, LayerShape, TrainingPlan } from '@gradsmith/core';
import * as tf from '@tensorflow/tfjs-core';
import { drawWeights } from './initialize.ts';
import type { Batch, KernelOps } from './kernel-ops.ts';
import { activation } from './layers/activation.ts';
import { batchNorm } from './layers/batch-norm.ts';
import { conv } from './layers/conv.ts';
import { dense } from './layers/dense.ts';
import { dropout } from './layers/dropout.ts';
import type { Backward, LayerContext, RuntimeLayer, Variable } from './layers/layer.ts';
import { pool } from './layers/pool.ts';
import { release, scope } from './scope.ts';
import { stream } from './streams.ts';

function runtimeLayer(layer: Layer, shape: LayerShape, replacement: BackwardReplacement | undefined, context: LayerContext): RuntimeLayer {
  switch (layer.type) {
    case 'conv': return conv(layer, shape.input, replacement?.transpose, context);
    case 'dense': return dense(layer, shape.input, replacement?.transpose, context);
    case 'batch-norm': return batchNorm(layer, shape.input.at(-1)!, context);
    case 'pool': return pool(layer);
    case 'dropout': return dropout(layer, context);
    case 'activation': return activation(layer, replacement, context);
  }
}

/** Whether batch norm subtracts whatever is the same all over a channel of this layer's output. Pools let that through as it is. */
function isNormalized(layers: readonly Layer[], index: number): boolean {
  return layers.slice(index + 1).find(({ type }) => type !== 'pool')?.type === 'batch-norm';
}

function constant(shape: readonly number[], value: number): tf.Tensor {
  return tf.tidy(() => tf.mul(tf.ones([...shape]), value));
}

function startOf(variable: Variable, seed: number, layer: number, position: number): tf.Tensor {
  if (variable.role === 'offset') return constant(variable.shape, variable.start);
  return tf.tensor(drawWeights(variable.spec, stream(seed, 'weights', layer, position)), [...variable.spec.shape]);
}

/** A trained tensor and where it belongs. */
export interface Parameter {
  readonly layer: string;
  readonly name: string;
  readonly role: Variable['role'];
  readonly trainable: boolean;
  /** Disposed and replaced by each update. */
  tensor: tf.Tensor;
}

export interface Gradients {
  /** Mean cross entropy of the batch, a scalar. */
  readonly loss: tf.Scalar;
  /** Of the trainable parameters, in order. */
  readonly gradients: readonly tf.Tensor[];
}

/**
 * A network with weights. Its backward pass is written out layer by layer rather than left to automatic differentiation:
 * that pass is what Gradsmith changes, so every term of it has a place in the code.
 */
export class NetworkRuntime {
  readonly layers: readonly RuntimeLayer[];
  /** In order of layers, weights before biases: optimizer state and checkpoints go by position. */
  readonly parameters: readonly Parameter[];
  /** The parameters of each layer. */
  readonly #perLayer: readonly (readonly Parameter[])[];
  /** The first layer with trainable parameters: no error is sent below it. */
  readonly #lowest: number;
  readonly #ops: KernelOps;

  constructor(plan: TrainingPlan, options: { seed: number; backward: readonly BackwardReplacement[]; frozen: readonly string[]; ops: KernelOps }) {
    const { seed, backward, frozen, ops } = options;
    this.#ops = ops;
    this.layers = plan.layers.map((layer, index) => runtimeLayer(
      layer, plan.shape.layers[index]!, backward.find((entry) => entry.layer === layer.name),
      { ops, seed, index, normalized: isNormalized(plan.layers, index), classes: plan.classes },
    ));
    this.#perLayer = this.layers.map((layer, index) => layer.variables.map((variable, position) => ({
      layer: layer.name, name: variable.name, role: variable.role, trainable: !frozen.includes(layer.name),
      tensor: startOf(variable, seed, index, position),
    })));
    this.parameters = this.#perLayer.flat();
    const lowest = this.#perLayer.findIndex((parameters) => parameters.some(({ trainable }) => trainable));
    this.#lowest = lowest === -1 ? this.layers.length : lowest;
  }

  /** @param x [batch, …one example], not disposed @param labels one-hot [batch, classes] */
  gradients(x: Batch, labels: tf.Tensor2D, step: number): Gradients {
    const passes = this.#forward(x, step);
    const logits = passes.at(-1)!.y as tf.Tensor2D;
    const { loss, dLogits } = scope(() => this.#ops.softmaxCrossEntropy(logits, labels));
    const gradients: tf.Tensor[] = [];
    let dy: Batch | undefined = dLogits;
    for (let i = this.layers.length - 1; i >= 0; i--) {
      const { input, y, saved } = passes[i]!;
      if (dy && i >= this.#lowest) {
        const passed: Batch = dy;
        const result: Backward = scope(() => this.layers[i]!.backward({
          dy: passed, x: input, saved, weights: this.#weights(i), outputError: dLogits,
          want: { input: i > this.#lowest, weights: this.#perLayer[i]!.some(({ trainable }) => trainable) },
        }));
        if (this.#perLayer[i]!.some(({ trainable }) => trainable)) gradients.unshift(...result.gradients);
        else release(result.gradients);
        if (passed !== dLogits) passed.dispose();
        dy = result.dx;
      }
      release([y, ...saved]);
    }
    if (dy && dy !== dLogits) dy.dispose();
    dLogits.dispose();
    return { loss, gradients };
  }

  #forward(x: Batch, step: number): { input: Batch; y: Batch; saved: readonly tf.Tensor[] }[] {
    let input = x;
    return this.layers.map((layer, i) => {
      const from = input;
      const { y, saved } = scope(() => layer.forward(from, this.#weights(i), step));
      input = y;
      return { input: from, y, saved };
    });
  }

  #weights(layer: number): tf.Tensor[] {
    return this.#perLayer[layer]!.map(({ tensor }) => tensor);
  }

  /** Logits [batch, classes] outside training. */
  predict(x: Batch): tf.Tensor2D {
    return this.inputOf(this.layers.length, x) as tf.Tensor2D;
  }

  /** What comes into a layer outside training; the logits for the number of layers. */
  inputOf(layer: number, x: Batch): Batch {
    return tf.tidy(() => this.layers.slice(0, layer).reduce((current, each, i) => each.predict(current, this.#weights(i)), tf.clone(x)));
  }

  dispose(): void {
    for (const layer of this.layers) layer.dispose();
    release(this.parameters.map(({ tensor }) => tensor));
  }
}
