import type { TrainingObjective } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { Batcher } from '../data/batch.ts';
import { exampleSize, type DataSet, type Examples } from '../data/data-set.ts';
import type { Batch } from '../kernels/kernel-ops.ts';
import { drawPermutation, createStream } from './streams.ts';

/** A batch on the backend: inputs [batch, …example] and one-hot labels [batch, classes]. */
export interface LabeledBatch {
  readonly x: Batch;
  readonly labels: tf.Tensor2D;
}

/** Cuts a data set into batches. Their examples and augmentation depend only on the seed and the step. */
export class Batches {
  readonly #data: DataSet;
  readonly #batcher: Batcher;
  readonly #size: number;
  readonly #seed: number;
  readonly #stepsPerEpoch: number;
  #order: { epoch: number; indices: Uint32Array } | undefined;

  constructor(data: DataSet, objective: TrainingObjective, stepsPerEpoch: number) {
    const { dataset } = objective;
    const augment = 'augment' in dataset ? dataset.augment : undefined;
    this.#data = data;
    this.#batcher = new Batcher(data, {
      standardize: 'standardize' in dataset && dataset.standardize,
      augment,
    });
    this.#size = objective.batchSize;
    this.#seed = objective.seed;
    this.#stepsPerEpoch = stepsPerEpoch;
  }

  /** Returns the batch of a training step, counted from 0 over all epochs. Every epoch has its own order. */
  training(step: number): LabeledBatch {
    const epoch = Math.floor(step / this.#stepsPerEpoch);
    if (this.#order?.epoch !== epoch) {
      this.#order = {
        epoch,
        indices: drawPermutation(this.#data.train.count, createStream(this.#seed, 'order', epoch)),
      };
    }
    const first = (step % this.#stepsPerEpoch) * this.#size;
    const indices = this.#order.indices.subarray(first, first + this.#size);
    const inputs = this.#buffer(indices.length);
    this.#batcher.writeAugmented(this.#data.train, indices, inputs, createStream(this.#seed, 'augmentation', step));
    return this.#upload(this.#data.train, indices, inputs);
  }

  /** Returns at most `count` examples from `first` on, in file order and without augmentation. */
  plain(examples: Examples, first: number, count: number): LabeledBatch {
    const indices = Uint32Array.from({ length: Math.min(count, examples.count - first) }, (_, i) => first + i);
    const inputs = this.#buffer(indices.length);
    this.#batcher.write(examples, indices, inputs);
    return this.#upload(examples, indices, inputs);
  }

  /** Creates a new array for each batch, because a backend may keep it as the memory of a tensor. */
  #buffer(count: number): Float32Array {
    return new Float32Array(count * exampleSize(this.#data.shape));
  }

  #upload(examples: Examples, indices: Uint32Array, inputs: Float32Array): LabeledBatch {
    const { classes, shape } = this.#data;
    const labels = new Float32Array(indices.length * classes);
    for (let i = 0; i < indices.length; i++) labels[i * classes + examples.labels[indices[i]!]!] = 1;
    const x = tf.tensor(inputs, [indices.length, ...shape] as [number, number]) as Batch;
    return { x, labels: tf.tensor2d(labels, [indices.length, classes]) };
  }
}
