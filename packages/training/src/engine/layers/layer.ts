import type * as tf from '@tensorflow/tfjs-core';
import type { Batch, KernelOps } from '../../kernels/kernel-ops.ts';
import type { WeightSpec } from '../initialize.ts';

/** A trained tensor of a layer: random weights, or every element the same at the start. */
export type Variable =
  | { readonly name: string; readonly role: 'weight'; readonly spec: WeightSpec }
  | { readonly name: string; readonly role: 'offset'; readonly shape: readonly number[]; readonly start: number };

/** What a layer works with besides its input and weights. */
export interface Beside {
  readonly state: readonly tf.Tensor[];
  /** Of a layer that draws. */
  readonly drawn: tf.Tensor | undefined;
}

/** What a layer leaves for its backward pass and for the next step. */
export interface Forward {
  readonly y: Batch;
  readonly saved: readonly tf.Tensor[];
  /** Absent in layers without any. */
  readonly state?: readonly tf.Tensor[];
}

export interface BackwardInput {
  readonly dy: Batch;
  readonly x: Batch;
  readonly saved: readonly tf.Tensor[];
  readonly drawn: tf.Tensor | undefined;
  readonly weights: readonly tf.Tensor[];
  /** ∂C/∂logits [batch, classes]: direct feedback alignment sends it past the layers between. */
  readonly outputError: tf.Tensor2D;
  /** Whether the gradients with respect to the input and to the weights are wanted. */
  readonly want: { readonly input: boolean; readonly weights: boolean };
}

export interface Backward {
  readonly dx?: Batch;
  /** In the order of the layer's variables; empty where not wanted. */
  readonly gradients: readonly tf.Tensor[];
}

/**
 * One layer at work. Its methods run inside the caller's `tidy` and return new tensors (a clone where nothing changes):
 * whatever else they make is disposed there.
 */
export interface RuntimeLayer {
  readonly name: string;
  readonly variables: readonly Variable[];
  /** Shapes of the numbers besides the weights that training changes, all zero at the start: batch norm's averages. */
  readonly state?: readonly (readonly number[])[];
  /** The randomness of one step. @param step from 0, over all epochs @param batch examples in it */
  draw?(step: number, batch: number): tf.Tensor;
  forward(x: Batch, weights: readonly tf.Tensor[], beside: Beside): Forward;
  backward(input: BackwardInput): Backward;
  /**
   * The forward pass outside training: no dropout, batch norm by its averages. @param steps of training that made the
   * state
   */
  predict(x: Batch, weights: readonly tf.Tensor[], state: readonly tf.Tensor[], steps: number): Batch;
  dispose(): void;
}

/** What building a layer needs to know of the whole. */
export interface LayerContext {
  readonly ops: KernelOps;
  readonly seed: number;
  /** Position in the network: part of every random stream of the layer. */
  readonly index: number;
  /** Whether batch norm comes next, so that what is added to a whole channel makes no difference. */
  readonly normalized: boolean;
  readonly classes: number;
}
