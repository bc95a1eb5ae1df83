import {
  type ActivationLayer,
  buildActivationDerivative,
  buildActivation,
  type BackwardReplacement,
  buildBackwardExpression,
} from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { evaluateTensor } from '../tensor-expression.ts';
import type { LayerContext, RuntimeLayer } from './layer.ts';

/**
 * Creates an activation layer: σ(z) forward; backward δ ⊙ σ′(z), or δ ⊙ g(z) if a b-function replaces the derivative
 * (equation 3 of the paper). z is the input of the layer, so g also sees values that σ cuts off.
 */
export function createActivation(
  layer: ActivationLayer,
  replacement: BackwardReplacement | undefined,
  { ops }: LayerContext,
): RuntimeLayer {
  const sigma = buildActivation(layer.function, layer.levels);
  const derivative = replacement?.derivative
    ? buildBackwardExpression({ derivative: replacement.derivative, mask: replacement.mask }, layer.function)
    : buildActivationDerivative(layer.function);
  const plainRelu = layer.function === 'relu' && !replacement?.derivative;
  return {
    name: layer.name,
    variables: [],
    forward: (x) => ({ y: evaluateTensor(sigma, x), saved: [] }),
    backward: ({ dy, x }) => ({
      dx: plainRelu ? ops.reluGrad(dy, x) : tf.mul(dy, evaluateTensor(derivative, x)),
      gradients: [],
    }),
    predict: (x) => evaluateTensor(sigma, x),
    dispose: () => {},
  };
}
