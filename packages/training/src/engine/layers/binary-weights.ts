import { buildActivation, type ConvLayer, type DenseLayer, type LayerReplacement } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { evaluateTensor } from '../tensor-expression.ts';
import { type BackwardFunction, createBackwardFunction } from './backward-function.ts';

/** The weights that a layer computes with, as a function of the weights that are trained. */
export interface EffectiveWeights {
  readonly draw: BackwardFunction['draw'];
  /** @param w the trained weights; the last axis counts filters or units */
  compute(w: tf.Tensor): tf.Tensor;
  /** Returns the gradient with respect to w from that with respect to the effective weights. */
  gradient(dEffective: tf.Tensor, w: tf.Tensor, drawn: tf.Tensor | undefined): tf.Tensor;
}

const plain: EffectiveWeights = { draw: undefined, compute: (w) => w, gradient: (dEffective) => dEffective };

/**
 * Creates the effective weights of a layer. Binary ones are α·sign(w), where α is the mean of |w| over each filter or
 * unit (Rastegari et al. 2016). With n weights per filter and g in place of sign′, ∂C/∂w = α·g(w)·∂C/∂ŵ +
 * sign(w)·Σ(∂C/∂ŵ·sign(w))/n: the second term is the exact derivative of α.
 */
export function effectiveWeights(
  layer: ConvLayer | DenseLayer,
  replacement: LayerReplacement | undefined,
  steps: number,
): EffectiveWeights {
  if (layer.weights !== 'binary') return plain;
  const sign = buildActivation('sign');
  const g = createBackwardFunction(replacement, { function: 'sign' }, steps);
  return {
    draw: g.draw,
    compute: (w) => tf.mul(evaluateTensor(sign, w), meanOfFilters(tf.abs(w))),
    gradient(dEffective, w, drawn) {
      const signs = evaluateTensor(sign, w);
      const throughSign = tf.mul(tf.mul(dEffective, g.evaluate(w, dEffective, drawn)), meanOfFilters(tf.abs(w)));
      return tf.add(throughSign, tf.mul(signs, meanOfFilters(tf.mul(dEffective, signs))));
    },
  };
}

/** Returns the mean over all axes but the last: [filters]. */
function meanOfFilters(w: tf.Tensor): tf.Tensor1D {
  return tf.mean(tf.reshape(w, [-1, w.shape.at(-1)!]), 0);
}
