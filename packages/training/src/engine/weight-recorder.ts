import { encodeCurve, type Recording } from '@gradsmith/core/domain';
import {
  findRecordedShape,
  listSnapshotSteps,
  type TrainingObjective,
  type TrainingPlan,
} from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, Compiled, KernelOps } from '../kernels/kernel-ops.ts';
import { disposeTensors } from '../kernels/scope.ts';
import type { LabeledBatch } from './batches.ts';
import { NetworkRuntime } from './network.ts';
import { splitTensors, type TrainState } from './train-state.ts';

/** What is recorded after a number of steps, on the backend. */
interface Snapshot {
  readonly step: number;
  readonly weights: tf.Tensor;
  /** ⟨g, h⟩, ⟨g, g⟩ and ⟨h, h⟩ of the layer's gradient g and that of plain backpropagation h; none at the end. */
  readonly products: tf.Tensor | undefined;
}

/** What a recorder needs of a training. */
interface Recorded {
  readonly objective: TrainingObjective;
  readonly plan: TrainingPlan;
  readonly state: TrainState;
  readonly ops: KernelOps;
}

/**
 * Keeps the weights of one layer during a training, and the cosine between its gradient and that of plain
 * backpropagation at the same weights and on the same batch.
 */
export class WeightRecorder {
  readonly #layer: string;
  readonly #shape: number[];
  readonly #state: TrainState;
  readonly #plain: NetworkRuntime;
  readonly #compare: Compiled;
  /** Completed steps at which a snapshot is due. */
  readonly #due: ReadonlySet<number>;
  /** Position of the weights among the parameters. */
  readonly #position: number;
  #counts: readonly number[] = [];
  #pending: Snapshot[] = [];
  readonly #steps: number[] = [];
  readonly #numbers: number[] = [];
  readonly #cosines: (number | null)[] = [];

  /** Returns null if the objective records nothing. */
  static create(recorded: Recorded): WeightRecorder | null {
    const { record } = recorded.objective;
    return record ? new WeightRecorder(recorded, record) : null;
  }

  private constructor({ objective, plan, state, ops }: Recorded, record: NonNullable<TrainingObjective['record']>) {
    this.#layer = record.weights;
    this.#shape = findRecordedShape(plan, record.weights)!;
    this.#state = state;
    this.#due = new Set(listSnapshotSteps(plan.steps, record.every));
    this.#position = state.network.parameters.findIndex(
      ({ layer, role }) => layer === this.#layer && role === 'weight',
    );
    const { seed, frozen } = objective;
    this.#plain = new NetworkRuntime(plan, { seed, backward: [], frozen, ops });
    this.#compare = ops.compile((inputs) => [this.#compareGradients(inputs)]);
  }

  /** Records the weights before the next step if a snapshot is due. The batch is that of the step. */
  record({ x, labels }: LabeledBatch): void {
    if (!this.#due.has(this.#state.steps)) return;
    const values = tf.tidy(() => {
      const { parameters, layers } = this.#state.values();
      return [parameters, ...layers].map((tensors) => tensors.map((tensor) => tf.clone(tensor)));
    });
    const drawn = this.#state.network.draw(this.#state.steps, x.shape[0]);
    const inputs = [[x, labels], drawn, ...values];
    this.#counts = inputs.map(({ length }) => length);
    const [products] = this.#compare.run(inputs.flat());
    this.#keep(products);
    disposeTensors([...drawn, ...values.flat()]);
  }

  #compareGradients(inputs: readonly tf.Tensor[]): tf.Tensor {
    const [[x, labels], drawn, parameters, ...layers] = splitTensors(inputs, this.#counts) as [
      [Batch, tf.Tensor2D],
      tf.Tensor[],
      tf.Tensor[],
      ...tf.Tensor[][],
    ];
    const [g, h] = [this.#state.network, this.#plain].map((network) => {
      const own = network.selectDrawn(drawn, this.#state.network);
      const { gradients } = network.gradients(x, labels, { parameters, layers }, own);
      const before = network.parameters.slice(0, this.#position).filter(({ trainable }) => trainable).length;
      return gradients[before]!;
    }) as [tf.Tensor, tf.Tensor];
    return tf.stack([tf.sum(tf.mul(g, h)), tf.sum(tf.mul(g, g)), tf.sum(tf.mul(h, h))]);
  }

  #keep(products: tf.Tensor | undefined): void {
    const weights = tf.tidy(() => tf.clone(this.#state.values().parameters[this.#position]!));
    this.#pending.push({ step: this.#state.steps, weights, products });
  }

  /** Reads what was recorded since the last call from the backend. */
  async flush(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    for (const { step, weights, products } of pending) {
      this.#steps.push(step);
      for (const weight of await weights.data<'float32'>()) this.#numbers.push(weight);
      if (products) this.#cosines.push(computeCosine(await products.data<'float32'>()));
      disposeTensors(products ? [weights, products] : [weights]);
    }
  }

  /** Returns the recording of a finished training; null if its weights are no longer finite. */
  async finish(): Promise<Recording | null> {
    await this.flush();
    if (this.#due.has(this.#state.steps) && this.#steps.at(-1) !== this.#state.steps) {
      this.#keep(undefined);
      await this.flush();
    }
    if (!this.#numbers.every(Number.isFinite)) return null;
    return {
      layer: this.#layer,
      shape: this.#shape,
      steps: this.#steps,
      weights: encodeCurve(this.#numbers),
      cosines: this.#cosines,
    };
  }

  dispose(): void {
    for (const { weights, products } of this.#pending) disposeTensors(products ? [weights, products] : [weights]);
    this.#compare.dispose();
    this.#plain.dispose();
  }
}

function computeCosine([product, first, second]: ArrayLike<number> & Iterable<number>): number | null {
  const size = Math.sqrt(first!) * Math.sqrt(second!);
  const cosine = product! / size;
  return size > 0 && Number.isFinite(cosine) ? Math.min(1, Math.max(-1, cosine)) : null;
}

/** Returns the mean and the smallest of the cosines of a recording, and the share of them that is positive. */
export function summarizeCosines({ cosines }: Recording): Record<string, number> {
  const known = cosines.filter((cosine) => cosine !== null);
  if (!known.length) return {};
  return {
    'cosine.mean': known.reduce((sum, cosine) => sum + cosine, 0) / known.length,
    'cosine.least': known.reduce((least, cosine) => Math.min(least, cosine), 1),
    'cosine.positive': known.filter((cosine) => cosine > 0).length / known.length,
  };
}
