import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import type { EffectiveWeights } from './binary-weights.ts';
import type { Backward, BackwardInput, Forward, RuntimeLayer, StepInput } from './layer.ts';
import type { ErrorTransport } from './transpose.ts';

/** The backward pass of a layer with weights, after the gradients. */
interface SentError {
  readonly transport: ErrorTransport;
  readonly effective: EffectiveWeights;
  readonly backward: BackwardInput;
  /** That of the weights first; empty if they are not needed. */
  readonly gradients: readonly tf.Tensor[];
}

/** Sends the error of a layer with weights to the layer below. */
export function sendError(
  { transport, effective, backward, gradients }: SentError,
  pass: (matrix: tf.Tensor) => Batch,
): Backward {
  const weights = [effective.compute(backward.weights[0]!)];
  // Of binary weights, the error passes what the trained matrix is computed with, too.
  const feedback = backward.feedback && effective.compute(backward.feedback);
  const [gradient] = gradients;
  return {
    dx: transport.send({ ...backward, weights, feedback }, pass),
    dxRandom: transport.sendRandom?.(pass),
    feedbackGradient: transport.trained && gradient && tf.clone(gradient),
    gradients,
  };
}

/** Returns what a layer with weights says about the matrices that its error passes. */
export function describeTransport(
  transport: ErrorTransport,
  effective: EffectiveWeights,
): Pick<RuntimeLayer, 'feedback' | 'state' | 'start' | 'draw' | 'measureFeedback' | 'dispose'> {
  const { trained, mirror } = transport;
  return {
    feedback: trained,
    state: mirror?.state,
    start: mirror && (([w]) => [mirror.start(effective.compute(w!))]),
    draw: mirror?.draw ?? effective.draw,
    measureFeedback: measureFeedback(transport, effective),
    dispose: () => transport.dispose(),
  };
}

/** Returns what the backward pass and the next step get of a weight mirror; nothing without one. */
export function mirrorWeights(
  { mirror }: ErrorTransport,
  computeWeights: () => tf.Tensor,
  { state, drawn }: StepInput,
): Pick<Forward, 'saved' | 'state'> {
  if (!mirror) return { saved: [] };
  const next = mirror.advance(computeWeights(), state[0]!, drawn!);
  return { saved: [next], state: [tf.clone(next)] };
}

/** Returns a function that measures how well the matrix that delivers the error is aligned with the weights. */
function measureFeedback(
  { readMatrix, trained }: ErrorTransport,
  effective: EffectiveWeights,
): RuntimeLayer['measureFeedback'] {
  if (!readMatrix) return undefined;
  return ([w], learned) => {
    const matrix = readMatrix(learned);
    const [b, weights] = [trained ? effective.compute(matrix) : matrix, effective.compute(w!)];
    return tf.div(tf.sum(tf.mul(b, weights)), tf.mul(tf.norm(b), tf.norm(weights)));
  };
}
