import type * as tf from '@tensorflow/tfjs-core';

/** The numbers of a rule that depend only on the step. */
export interface StepNumbers {
  /** Δ = scale · direction. The scale is separate because this saves a pass over the weights. Never 0. */
  readonly scale: number;
  /** The ε of this step's direction. */
  readonly epsilon: number;
  /** Further numbers of the rule. Their count is that of `Rule.extra`. */
  readonly extra?: readonly number[];
}

/** The values of a step that only some rules use. */
export interface StepTensors {
  readonly weights: tf.Tensor1D;
  readonly extra: readonly tf.Tensor[];
}

/** The result of one step of a rule: Δ = scale · direction with w ← w − learning rate · Δ, and the new state. */
export interface RuleStep {
  readonly direction: tf.Tensor1D;
  readonly state: readonly tf.Tensor1D[];
}

/** The update rule of an optimizer over all weights as one vector: few long operations instead of many short ones. */
export interface Rule {
  /** Number of state vectors, all zero at the start. */
  readonly slots: number;
  /** How many further numbers a step has; by default none. */
  readonly extra?: number;
  /**
   * Returns the numbers of a step. Without this function, the scale is 1.
   *
   * @param step from 0
   * @param steps number of steps of the training
   */
  numbers?(step: number, steps: number): StepNumbers;
  /**
   * Runs inside `tidy`.
   *
   * @param epsilon the value from `numbers` for this step
   */
  advance(g: tf.Tensor1D, state: readonly tf.Tensor1D[], epsilon: tf.Tensor, tensors: StepTensors): RuleStep;
}
