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
 * σ(z) forward; backward δ ⊙ σ′(z), or δ ⊙ g(z) where a b-function takes the derivative's place (the paper's equation
 * 3). z is what comes in, so g sees it where σ has cut it off too.
 */
export function createActivation(
  layer: ActivationLayer,
  replacement: BackwardReplacement | undefined,
  { ops }: LayerContext,
): RuntimeLayer {
  const sigma = buildActivation(layer.function);
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
