import type { TrainingObjective, TrainingPlan } from '@gradsmith/core/objective';
import type * as tf from '@tensorflow/tfjs-core';
import { Optimizer } from '../engine/optimizers/optimizer.ts';
import { splitTensors } from '../engine/train-state.ts';
import type { Batch, Compiled, KernelOps } from '../kernels/kernel-ops.ts';
import { disposeTensors } from '../kernels/scope.ts';
import { StackedNetwork } from './stacked-network.ts';

type Tensors = readonly tf.Tensor[];

/** k networks with stacked weights at one step of their training. They share the optimizer's settings. */
export class StackedState {
  readonly #network: StackedNetwork;
  readonly #optimizer: Optimizer;
  /** By position in the network's parameters; undefined for parameters that training changes. */
  readonly #frozen: readonly (tf.Tensor | undefined)[];
  readonly #step: Compiled;
  #steps = 0;
  #trained: Tensors;
  #layers: readonly Tensors[];

  /** @throws RangeError if stacked networks cannot train the objectives */
  constructor(objectives: readonly TrainingObjective[], plan: TrainingPlan, ops: KernelOps) {
    const { optimizer, gradientNoise } = objectives[0]!;
    if (gradientNoise?.eta || optimizer.hypergradient || optimizer.name === 'program')
      throw new RangeError('stacked networks cannot have gradient noise, a hypergradient or an update rule');
    this.#network = new StackedNetwork(objectives, plan, ops);
    const { parameters } = this.#network;
    this.#optimizer = new Optimizer(objectives[0]!, plan, parameters);
    const start = this.#network.start();
    const trainable = start.parameters.filter((_, i) => parameters[i]!.trainable);
    this.#frozen = start.parameters.map((tensor, i) => (parameters[i]!.trainable ? undefined : tensor));
    this.#trained = this.#optimizer.start(trainable);
    this.#layers = start.layers;
    this.#step = ops.compile((inputs) => this.#compute(inputs));
    disposeTensors(trainable);
  }

  /** Takes one step of all networks and returns their losses before the update. */
  advance(x: Batch, labels: tf.Tensor2D): tf.Tensor {
    const drawn = this.#optimizer.draw(this.#steps++);
    const [losses, ...next] = this.#step.run([x, labels, ...drawn, ...this.#trained, ...this.#layers.flat()]);
    disposeTensors([...drawn, ...this.#trained, ...this.#layers.flat()]);
    [this.#trained, ...this.#layers] = splitTensors(next, this.#counts()) as [Tensors, ...Tensors[]];
    return losses!;
  }

  #counts(): number[] {
    return [this.#trained.length, ...this.#layers.map(({ length }) => length)];
  }

  #compute([x, labels, numbers, ...rest]: Tensors): Tensors {
    const [trained, ...layers] = splitTensors(rest, this.#counts()) as [Tensors, ...Tensors[]];
    const learned = this.#optimizer.parameters(trained);
    let next = 0;
    const parameters = this.#frozen.map((tensor) => tensor ?? learned[next++]!);
    const made = this.#network.gradients(x as Batch, labels as tf.Tensor2D, { parameters, layers });
    return [made.losses, ...this.#optimizer.advance(made.gradients, trained, [numbers!]), ...made.layers.flat()];
  }

  dispose(): void {
    this.#step.dispose();
    disposeTensors([...this.#trained, ...this.#layers.flat()]);
    disposeTensors(this.#frozen.filter((tensor) => tensor !== undefined));
    this.#optimizer.dispose();
    this.#network.dispose();
  }
}
