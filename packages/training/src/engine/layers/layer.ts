import type * as tf from '@tensorflow/tfjs-core';
import type { Batch, KernelOps } from '../../kernels/kernel-ops.ts';
import type { WeightSpec } from '../initialize.ts';

/** A trained tensor of a layer. It starts with random weights, or with one value for all elements. */
export type Variable =
  | { readonly name: string; readonly role: 'weight'; readonly spec: WeightSpec }
  | { readonly name: string; readonly role: 'offset'; readonly shape: readonly number[]; readonly start: number };

/** What a layer uses in addition to its input and weights. */
export interface StepInput {
  readonly state: readonly tf.Tensor[];
  /** Only for a layer that draws. */
  readonly drawn: tf.Tensor | undefined;
  /** Further inputs of a layer that joins several. */
  readonly others: readonly Batch[];
}

/** What a layer uses in addition to its input and weights when not training. */
export interface TrainedInput {
  readonly state: readonly tf.Tensor[];
  /** Number of training steps that produced the state. */
  readonly steps: number;
  readonly others: readonly Batch[];
}

/** What the forward pass keeps for the backward pass and for the next step. */
export interface Forward {
  readonly y: Batch;
  readonly saved: readonly tf.Tensor[];
  /** Absent in layers without state. */
  readonly state?: readonly tf.Tensor[];
}

export interface BackwardInput {
  readonly dy: Batch;
  readonly x: Batch;
  readonly others: readonly Batch[];
  readonly saved: readonly tf.Tensor[];
  readonly drawn: tf.Tensor | undefined;
  readonly weights: readonly tf.Tensor[];
  /** The matrix that is trained to deliver the error, if the layer has one. */
  readonly feedback: tf.Tensor | undefined;
  /** ∂C/∂logits [batch, classes]. Direct feedback alignment sends it past the layers in between. */
  readonly outputError: tf.Tensor2D;
  /** The error that a fixed random matrix delivers; only for a layer whose program uses it. */
  readonly randomError: Batch | undefined;
  /** Whether gradients with respect to the input and to the weights are needed. */
  readonly want: { readonly input: boolean; readonly weights: boolean };
}

export interface Backward {
  readonly dx?: Batch;
  /** The error of a fixed random matrix, if `LayerContext.sendsRandomError` is set. */
  readonly dxRandom?: Batch | undefined;
  /** The gradient of the layer's trained feedback, if the gradients of the weights are needed. */
  readonly feedbackGradient?: tf.Tensor | undefined;
  /** Errors of the further inputs, in order. */
  readonly dOthers?: readonly Batch[];
  /** In the order of the layer's variables; empty if not needed. */
  readonly gradients: readonly tf.Tensor[];
}

/** What training has changed of the matrix that delivers the error of a layer. */
export interface LearnedFeedback {
  readonly feedback: tf.Tensor | undefined;
  readonly state: readonly tf.Tensor[];
}

/**
 * A layer at run time. Its methods run inside the caller's `tidy`, which disposes their intermediate tensors. They
 * return new tensors, or a clone if nothing changes.
 */
export interface RuntimeLayer {
  readonly name: string;
  readonly variables: readonly Variable[];
  /** The start of a matrix that delivers errors and is trained like the weights. */
  readonly feedback?: { readonly spec: WeightSpec; readonly scale: number } | undefined;
  /** Shapes of the other state that training changes: batch norm's averages, and what weight mirrors learn. */
  readonly state?: readonly (readonly number[])[] | undefined;
  /** Computes the state before the first step from the weights; zero without this function. */
  start?: ((weights: readonly tf.Tensor[]) => tf.Tensor[]) | undefined;
  /**
   * Draws the random numbers of one step.
   *
   * @param step from 0, over all epochs
   * @param batch number of examples
   */
  draw?: ((step: number, batch: number) => tf.Tensor) | undefined;
  forward(x: Batch, weights: readonly tf.Tensor[], step: StepInput): Forward;
  backward(input: BackwardInput): Backward;
  /** The forward pass when not training: no dropout, and batch norm with its averages. */
  predict(x: Batch, weights: readonly tf.Tensor[], trained: TrainedInput): Batch;
  /**
   * Returns the cosine between the weights and the matrix that delivers the error in their place, a scalar. Absent if
   * nothing of their shape does.
   */
  measureFeedback?: ((weights: readonly tf.Tensor[], learned: LearnedFeedback) => tf.Tensor) | undefined;
  dispose(): void;
}

/** What a layer needs to know about the network. */
export interface LayerContext {
  readonly ops: KernelOps;
  readonly seed: number;
  /** Position in the network. It is part of every random stream of the layer. */
  readonly index: number;
  /** Whether batch norm follows, so that a constant added to a channel has no effect. */
  readonly normalized: boolean;
  readonly classes: number;
  /** Whether the program of the layer below uses the error of a fixed random matrix. */
  readonly sendsRandomError: boolean;
  /** Number of steps of the whole training. */
  readonly steps: number;
}
