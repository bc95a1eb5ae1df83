import {
  type ActivationName,
  buildActivationDerivative,
  buildBackwardExpression,
  type LayerReplacement,
  listVariables,
  number,
  substitute,
} from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { evaluateTensor, TINY, type TensorContext } from '../tensor-expression.ts';

/** What the backward pass multiplies with in place of a derivative: g(z), or σ′(z). */
export interface BackwardFunction {
  /** Draws the progress of the training, if g uses it. */
  readonly draw: ((step: number) => tf.Tensor) | undefined;
  /**
   * Returns g for every element of z.
   *
   * @param d the error that arrives
   * @param drawn by `draw`
   */
  evaluate<T extends tf.Tensor>(z: T, d: tf.Tensor, drawn: tf.Tensor | undefined): T;
}

/** @param steps number of steps of the training */
export function createBackwardFunction(
  replacement: Pick<LayerReplacement, 'derivative' | 'mask' | 'depth'> | undefined,
  replaced: { function: ActivationName; levels?: number | undefined },
  steps: number,
): BackwardFunction {
  const { derivative, mask = false, depth = 0 } = replacement ?? {};
  const written = derivative
    ? buildBackwardExpression({ derivative, mask }, replaced.function, replaced.levels)
    : buildActivationDerivative(replaced.function);
  const g = substitute(written, { depth: number(depth) });
  const used = listVariables(g);
  return {
    draw: used.has('t') ? (step) => tf.scalar(step / Math.max(1, steps - 1)) : undefined,
    evaluate(z, d, drawn) {
      const context: TensorContext = drawn ? { t: drawn } : {};
      if (used.has('m') || used.has('s')) Object.assign(context, toNames('m', 's', computeMoments(z)));
      if (used.has('d')) context.d = d;
      if (used.has('ds')) context.ds = computeMoments(d).deviation;
      return evaluateTensor(g, z, context);
    },
  };
}

/** Mean and standard deviation of all values, scalars. */
export interface Moments {
  readonly mean: tf.Tensor;
  readonly deviation: tf.Tensor;
}

/** Computes moments in two stages, because each stage may add sequentially. */
export function computeMoments(values: tf.Tensor): Moments {
  const rows = tf.reshape(values, [values.shape[0]!, -1]);
  const mean = tf.mean(tf.mean(rows, 1));
  const variance = tf.mean(tf.mean(tf.square(tf.sub(rows, mean)), 1));
  return { mean, deviation: tf.sqrt(tf.add(variance, TINY)) };
}

function toNames(mean: 'm', deviation: 's', moments: Moments): TensorContext {
  return { [mean]: moments.mean, [deviation]: moments.deviation };
}
