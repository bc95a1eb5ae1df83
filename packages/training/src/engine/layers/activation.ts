import { type ActivationLayer, buildActivation, type LayerReplacement, type Shape } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { evaluateTensor } from '../tensor-expression.ts';
import { createBackwardFunction } from './backward-function.ts';
import type { LayerContext, RuntimeLayer } from './layer.ts';
import { createProgramActivation } from './program-activation.ts';

/**
 * Creates an activation layer: σ(z) forward; backward δ ⊙ σ′(z), or δ ⊙ g(z) if a b-function replaces the derivative
 * (equation 3 of the paper). z is the input of the layer, so g also sees values that σ cuts off.
 */
export function createActivation(
  layer: ActivationLayer,
  input: Shape,
  replacement: LayerReplacement | undefined,
  context: LayerContext,
): RuntimeLayer {
  if (replacement?.program) return createProgramActivation(layer, input, replacement, context);
  const { ops, steps } = context;
  const sigma = buildActivation(layer.function, layer.levels);
  const g = createBackwardFunction(replacement, layer, steps);
  const plainRelu = layer.function === 'relu' && !replacement?.derivative;
  return {
    name: layer.name,
    variables: [],
    draw: g.draw,
    forward: (x) => ({ y: evaluateTensor(sigma, x), saved: [] }),
    backward: ({ dy, x, drawn }) => ({
      dx: plainRelu ? ops.reluGrad(dy, x) : tf.mul(dy, g.evaluate(x, dy, drawn)),
      gradients: [],
    }),
    predict: (x) => evaluateTensor(sigma, x),
    dispose: () => {},
  };
}
