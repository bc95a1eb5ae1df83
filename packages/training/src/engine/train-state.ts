import type { TrainingObjective, TrainingPlan } from '@gradsmith/core/objective';
import type * as tf from '@tensorflow/tfjs-core';
import type { Batch, Compiled, KernelOps } from '../kernels/kernel-ops.ts';
import { disposeTensors } from '../kernels/scope.ts';
import type { Checkpoint } from './checkpoint.ts';
import { NetworkRuntime, type NetworkValues } from './network.ts';
import { Optimizer } from './optimizers/optimizer.ts';

type Tensors = readonly tf.Tensor[];

/** A network at one step of its training. */
export class TrainState {
  readonly network: NetworkRuntime;
  readonly #optimizer: Optimizer;
  /** By position in the network's parameters; undefined for parameters that training changes. */
  readonly #frozen: readonly (tf.Tensor | undefined)[];
  readonly #step: Compiled;
  #steps = 0;
  /** The state of the optimizer, including the trained weights. */
  #trained: Tensors;
  /** The state of each layer. */
  #layers: readonly Tensors[];
  /** Numbers of tensors of each kind that go into a step, in the order of `prepare`. */
  #counts: readonly number[] = [];

  constructor(objective: TrainingObjective, plan: TrainingPlan, ops: KernelOps) {
    const { seed, backward, frozen } = objective;
    this.network = new NetworkRuntime(plan, { seed, backward, frozen, ops });
    this.#optimizer = new Optimizer(objective, plan, this.network.parameters);
    const { parameters, layers } = this.network.start();
    const trainable = parameters.filter((_, i) => this.network.parameters[i]!.trainable);
    this.#frozen = parameters.map((tensor, i) => (this.network.parameters[i]!.trainable ? undefined : tensor));
    this.#trained = this.#optimizer.start(trainable);
    this.#layers = layers;
    this.#step = ops.compile((inputs) => this.compute(inputs));
    disposeTensors(trainable);
  }

  /** Number of completed steps. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Takes one step and returns the loss before the update.
   *
   * @param x [batch, …one example]
   * @param labels one-hot [batch, classes]
   */
  advance(x: Batch, labels: tf.Tensor2D): tf.Scalar {
    const { inputs, drawn } = this.prepare(x.shape[0]);
    const [loss, ...next] = this.#step.run([x, labels, ...inputs]);
    disposeTensors(drawn);
    this.finish(next);
    return loss as tf.Scalar;
  }

  /**
   * Collects the inputs of the next step except its batch. The caller disposes those that were drawn for it.
   *
   * @param batch number of examples
   */
  prepare(batch: number): { inputs: Tensors; drawn: Tensors } {
    const drawn = [this.#optimizer.draw(this.#steps), this.network.draw(this.#steps, batch)];
    const inputs: readonly Tensors[] = [...drawn, this.#trained, ...this.#layers];
    this.#counts = inputs.map(({ length }) => length);
    return { inputs: inputs.flat(), drawn: drawn.flat() };
  }

  /** Ends a step with its next state. */
  finish(next: Tensors): void {
    this.#replace(next);
    this.#steps++;
  }

  /** Computes a step from batch, labels and the inputs of `prepare`: the loss and the next state. */
  compute([x, labels, ...inputs]: Tensors): Tensors {
    const [numbers, drawn, trained, ...layers] = splitTensors(inputs, this.#counts) as [
      Tensors,
      Tensors,
      Tensors,
      ...Tensors[],
    ];
    const {
      loss,
      gradients,
      layers: next,
    } = this.network.gradients(x as Batch, labels as tf.Tensor2D, this.#toNetworkValues(trained, layers), drawn);
    return [loss, ...this.#optimizer.advance(gradients, trained, numbers), ...next.flat()];
  }

  #toNetworkValues(trained: Tensors, layers: readonly Tensors[]): NetworkValues {
    const parameters = this.#optimizer.parameters(trained);
    let next = 0;
    return { parameters: this.#frozen.map((tensor) => tensor ?? parameters[next++]!), layers };
  }

  /** Returns the current values of the network, not to be kept. Must run inside `tidy`. */
  values(): NetworkValues {
    return this.#toNetworkValues(this.#trained, this.#layers);
  }

  learningRate(): Promise<number> {
    return this.#optimizer.learningRate(this.#trained);
  }

  /** Reads everything that `restore` needs to continue from here. */
  async read(): Promise<Pick<Checkpoint, 'step' | 'optimizer' | 'layers'>> {
    const values = (tensors: Tensors) => Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
    return {
      step: this.#steps,
      optimizer: await values(this.#trained),
      layers: await Promise.all(this.#layers.map(values)),
    };
  }

  restore({ step, optimizer, layers }: Pick<Checkpoint, 'step' | 'optimizer' | 'layers'>): void {
    this.#replace([...this.#optimizer.restore(optimizer), ...this.network.restore(layers)]);
    this.#steps = step;
  }

  /** @param next in the order of `compute` */
  #replace(next: Tensors): void {
    const old = [...this.#trained, ...this.#layers.flat()];
    [this.#trained, ...this.#layers] = splitTensors(next, [
      this.#trained.length,
      ...this.#layers.map(({ length }) => length),
    ]) as [Tensors, ...Tensors[]];
    disposeTensors(old);
  }

  dispose(): void {
    this.#step.dispose();
    disposeTensors([
      ...this.#trained,
      ...this.#layers.flat(),
      ...this.#frozen.filter((tensor) => tensor !== undefined),
    ]);
    this.#optimizer.dispose();
    this.network.dispose();
  }
}

/** Splits the tensors into groups of the given sizes, in order. */
export function splitTensors(tensors: Tensors, counts: readonly number[]): Tensors[] {
  let end = 0;
  return counts.map((count) => tensors.slice(end, (end += count)));
}
