import {
  type BackwardReplacement,
  type Layer,
  listReplacements,
  type TrainingPlan,
  usesRandomFeedback,
} from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, KernelOps } from '../kernels/kernel-ops.ts';
import { disposeTensors, tidyTensors } from '../kernels/scope.ts';
import { getVariableShape, initializeFeedback, initializeVariable } from './initialize-variables.ts';
import { createRuntimeLayer } from './layers/create-runtime-layer.ts';
import type { Backward, RuntimeLayer, Variable } from './layers/layer.ts';
import { OutputErrors } from './output-errors.ts';

/**
 * Returns whether batch norm subtracts constants of the channels of this layer's output, wherever it goes. Pooling
 * layers pass constants through unchanged.
 */
function isNormalized(layers: readonly Layer[], sources: readonly (readonly number[])[], index: number): boolean {
  const users = layers.flatMap((_, user) => (sources[user]!.includes(index) ? [user] : []));
  return users.length > 0 && users.every((user) => isNormalizer(layers, sources, user));
}

function isNormalizer(layers: readonly Layer[], sources: readonly (readonly number[])[], index: number): boolean {
  const { type } = layers[index]!;
  return type === 'batch-norm' || (type === 'pool' && isNormalized(layers, sources, index));
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
  readonly inputs: readonly [Batch, ...Batch[]];
  readonly y: Batch;
  readonly saved: readonly tf.Tensor[];
}

/**
 * A network as pure functions of its values. The backward pass is written out layer by layer instead of using automatic
 * differentiation: Gradsmith replaces terms of this pass, so each term is visible in the code.
 */
export class NetworkRuntime {
  readonly layers: readonly RuntimeLayer[];
  /**
   * In the order of layers, weights before biases; then trained feedback matrices, in the order of layers. Optimizer
   * state and checkpoints depend on this order.
   */
  readonly parameters: readonly Parameter[];
  /** Start and end of each layer's parameters. */
  readonly #ranges: readonly (readonly [from: number, to: number])[];
  /** Position of each layer's trained feedback among the parameters, if it has one. */
  readonly #feedback: readonly (number | undefined)[];
  /** Whether each layer is trained. */
  readonly #trained: readonly boolean[];
  /** Positions of the layers whose outputs each layer takes; −1 is the input of the network. */
  readonly #sources: readonly (readonly number[])[];
  /** Whether each layer, or one below it, is trained. No error is sent to the others. */
  readonly #reached: readonly boolean[];
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
    const sources = plan.shape.layers.map((layer) => layer.sources);
    this.#sources = sources;
    const wantsRandomError = new Set<string | undefined>(
      replacements.flatMap(({ layer, program }) => (program && usesRandomFeedback(program.formula) ? [layer] : [])),
    );
    this.layers = plan.layers.map((layer, index) =>
      createRuntimeLayer(
        layer,
        plan.shape.layers[index]!,
        replacements.find((entry) => entry.layer === layer.name),
        {
          ops,
          seed,
          index,
          normalized: isNormalized(plan.layers, sources, index),
          classes: plan.classes,
          steps: plan.steps,
          sendsRandomError: sources[index]!.some((source) => wantsRandomError.has(plan.layers[source]?.name)),
        },
      ),
    );
    const listed = this.layers.flatMap((layer) =>
      layer.variables.map((variable) => ({
        layer: layer.name,
        name: variable.name,
        role: variable.role,
        trainable: !frozen.includes(layer.name),
        shape: getVariableShape(variable),
      })),
    );
    const learned = this.layers.flatMap(({ name: layer, feedback }) => {
      if (!feedback) return [];
      const trainable = !frozen.includes(layer);
      return [{ layer, name: 'feedback', role: 'weight', trainable, shape: feedback.spec.shape } as const];
    });
    this.parameters = [...listed, ...learned];
    let end = 0;
    this.#ranges = this.layers.map(({ variables }) => [end, (end += variables.length)]);
    this.#feedback = this.layers.map(({ feedback }) => (feedback ? end++ : undefined));
    this.#trained = this.#ranges.map(([from, to]) =>
      this.parameters.slice(from, to).some(({ trainable }) => trainable),
    );
    const reached: boolean[] = [];
    for (const [i, each] of sources.entries()) reached[i] = this.#trained[i]! || each.some((source) => reached[source]);
    this.#reached = reached;
  }

  /** Creates the values before the first step. The caller disposes them. */
  start(): NetworkValues {
    const listed = this.layers.flatMap(({ variables }, index) =>
      variables.map((variable, position) => initializeVariable(variable, this.#seed, index, position)),
    );
    const learned = this.layers.flatMap(({ feedback }, index) =>
      feedback ? [initializeFeedback(feedback, this.#seed, index)] : [],
    );
    const layers = this.layers.map(({ state = [], start }, index) =>
      start
        ? tidyTensors(() => start(listed.slice(...this.#ranges[index]!)))
        : state.map((shape) => tf.zeros([...shape])),
    );
    return { parameters: [...listed, ...learned], layers };
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
    const learned: tf.Tensor[] = [];
    const errors = new OutputErrors(this.#reached);
    const randomErrors = new OutputErrors(this.#reached);
    errors.add(this.layers.length - 1, tf.clone(dLogits));
    for (let i = this.layers.length - 1; i >= 0; i--) {
      const { inputs, y, saved } = passes[i]!;
      const [x, ...others] = inputs;
      const dy = errors.take(i);
      const randomError = randomErrors.take(i);
      if (dy) {
        const sources = this.#sources[i]!;
        const {
          dx,
          dxRandom,
          dOthers = [],
          feedbackGradient,
          gradients: own,
        }: Backward = tidyTensors(() =>
          this.layers[i]!.backward({
            dy,
            x,
            others,
            saved,
            drawn: perLayer[i],
            weights: this.#weights(i, values),
            feedback: this.#learnedFeedback(i, values),
            outputError: dLogits,
            randomError,
            want: { input: sources.some((source) => this.#reached[source]), weights: this.#trained[i]! },
          }),
        );
        if (this.#trained[i]) gradients.unshift(...own);
        else disposeTensors(own);
        if (feedbackGradient) learned.unshift(feedbackGradient);
        dy.dispose();
        randomError?.dispose();
        if (dxRandom) randomErrors.add(sources[0]!, dxRandom);
        for (const [k, error] of [dx, ...dOthers].entries()) if (error) errors.add(sources[k]!, error);
      }
      disposeTensors([y, ...saved]);
    }
    dLogits.dispose();
    return { loss, gradients: [...gradients, ...learned], layers };
  }

  #forward(
    x: Batch,
    values: NetworkValues,
    drawn: readonly (tf.Tensor | undefined)[],
  ): { passes: Pass[]; layers: (readonly tf.Tensor[])[] } {
    const layers: (readonly tf.Tensor[])[] = [];
    const passes: Pass[] = [];
    for (const [i, layer] of this.layers.entries()) {
      const inputs = this.#inputs(i, x, passes);
      const [from, ...others] = inputs;
      const {
        y,
        saved,
        state = [],
      } = tidyTensors(() =>
        layer.forward(from, this.#weights(i, values), { state: values.layers[i]!, drawn: drawn[i], others }),
      );
      layers.push(state);
      passes.push({ inputs, y, saved });
    }
    return { passes, layers };
  }

  /** Returns the inputs of a layer from the outputs of the layers below it. */
  #inputs(layer: number, x: Batch, passes: readonly Pick<Pass, 'y'>[]): [Batch, ...Batch[]] {
    return this.#sources[layer]!.map((source) => (source === -1 ? x : passes[source]!.y)) as [Batch, ...Batch[]];
  }

  /** Returns the drawn tensors by layer. */
  #handOut(drawn: readonly tf.Tensor[]): (tf.Tensor | undefined)[] {
    let next = 0;
    return this.layers.map((layer) => (layer.draw ? drawn[next++] : undefined));
  }

  /** Returns those of the tensors drawn by a network with the same layers that this network draws. */
  selectDrawn(drawn: readonly tf.Tensor[], source: NetworkRuntime): tf.Tensor[] {
    const perLayer = source.#handOut(drawn);
    return this.layers.flatMap((layer, i) => (layer.draw ? [perLayer[i]!] : []));
  }

  #weights(layer: number, { parameters }: NetworkValues): readonly tf.Tensor[] {
    return parameters.slice(...this.#ranges[layer]!);
  }

  #learnedFeedback(layer: number, { parameters }: NetworkValues): tf.Tensor | undefined {
    const position = this.#feedback[layer];
    return position === undefined ? undefined : parameters[position];
  }

  /** Returns the cosine between the weights of each layer and the matrix in their place, where there is one. */
  measureFeedback(values: NetworkValues): { layer: string; cosine: tf.Tensor }[] {
    return this.layers.flatMap(({ name, measureFeedback }, i) => {
      if (!measureFeedback) return [];
      const learned = { feedback: this.#learnedFeedback(i, values), state: values.layers[i]! };
      return [{ layer: name, cosine: measureFeedback(this.#weights(i, values), learned) }];
    });
  }

  /**
   * Returns logits [batch, classes] when not training.
   *
   * @param steps number of training steps that produced the values
   */
  predict(x: Batch, values: NetworkValues, steps: number): tf.Tensor2D {
    return this.computeInput(this.layers.length, x, values, steps) as tf.Tensor2D;
  }

  /** Returns the first input of a layer when not training; for the number of layers, the logits. */
  computeInput(layer: number, x: Batch, values: NetworkValues, steps: number): Batch {
    return this.computeInputs([layer], x, values, steps)[0]!;
  }

  /** Returns the first input of each layer when not training, from one pass. */
  computeInputs(layers: readonly number[], x: Batch, values: NetworkValues, steps: number): Batch[] {
    const sources = layers.map((layer) => this.#sources[layer]?.[0] ?? layer - 1);
    return tf.tidy(() => {
      const passes: { y: Batch }[] = [];
      for (const [i, each] of this.layers.slice(0, Math.max(...sources) + 1).entries()) {
        const [from, ...others] = this.#inputs(i, x, passes);
        const trained = { state: values.layers[i]!, steps, others };
        // What a layer computes on the way is freed before the next layer.
        passes.push({ y: tf.tidy(() => each.predict(from, this.#weights(i, values), trained)) });
      }
      return sources.map((source) => tf.clone(source === -1 ? x : passes[source]!.y));
    });
  }

  dispose(): void {
    for (const layer of this.layers) layer.dispose();
  }
}
