import type { TrainingObjective, TrainingPlan } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { splitTensors, TrainState } from '../engine/train-state.ts';
import type { Batch, Compiled, KernelOps } from '../kernels/kernel-ops.ts';
import { disposeTensors } from '../kernels/scope.ts';

type Tensors = readonly tf.Tensor[];

/** k networks whose steps are one computation. A backend that compiles it starts it once instead of k times. */
export class JoinedStates {
  readonly #states: readonly TrainState[];
  readonly #step: Compiled;
  /** Numbers of inputs and of results of each network's step. */
  #inputs: readonly number[] = [];
  #results: readonly number[] = [];

  constructor(objectives: readonly TrainingObjective[], plan: TrainingPlan, ops: KernelOps) {
    this.#states = objectives.map((objective) => new TrainState(objective, plan, ops));
    this.#step = ops.compile((inputs) => this.#compute(inputs));
  }

  /** Takes one step of all networks and returns their losses before the update. */
  advance(x: Batch, labels: tf.Tensor2D): tf.Tensor {
    const prepared = this.#states.map((state) => state.prepare(x.shape[0]));
    this.#inputs = prepared.map(({ inputs }) => inputs.length);
    const [losses, ...next] = this.#step.run([x, labels, ...prepared.flatMap(({ inputs }) => inputs)]);
    for (const { drawn } of prepared) disposeTensors(drawn);
    const results = splitTensors(next, this.#results);
    for (const [i, state] of this.#states.entries()) state.finish(results[i]!);
    return losses!;
  }

  #compute([x, labels, ...rest]: Tensors): Tensors {
    const results = splitTensors(rest, this.#inputs).map((inputs, i) =>
      this.#states[i]!.compute([x!, labels!, ...inputs]),
    );
    this.#results = results.map(({ length }) => length - 1);
    const losses = tf.stack(results.map(([loss]) => loss!));
    return [losses, ...results.flatMap(([, ...next]) => next)];
  }

  dispose(): void {
    this.#step.dispose();
    for (const state of this.#states) state.dispose();
  }
}
