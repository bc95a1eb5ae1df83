import type { Transpose } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { RandomSource } from '../../data/random.ts';
import type { Batch } from '../../kernels/kernel-ops.ts';
import { drawWeights, initialSd, type WeightSpec } from '../initialize.ts';
import { createStream, drawNormals } from '../streams.ts';
import type { BackwardInput, LayerContext, LearnedFeedback } from './layer.ts';
import { createWeightMirror, type WeightMirror } from './weight-mirror.ts';

/** How the error passes a weight layer backward. */
export interface ErrorTransport {
  /** @param pass the layer's own backward pass, with the matrix or filter to use instead of its weights */
  send(input: BackwardInput, pass: (weights: tf.Tensor) => Batch): Batch;
  /** Sends the error through a fixed random matrix, if the layer below asks for it. */
  sendRandom?(pass: (weights: tf.Tensor) => Batch): Batch;
  /** The start of a matrix that is trained with the gradient of the layer's weights. */
  readonly trained?: { readonly spec: WeightSpec; readonly scale: number };
  /** Learns the matrix in the forward pass. */
  readonly mirror?: WeightMirror;
  /** Returns the matrix in the shape of the weights; absent if it is computed from them, or has another shape. */
  readMatrix?(learned: LearnedFeedback): tf.Tensor;
  dispose(): void;
}

/** Backpropagation: uses the transpose of the layer's weights. */
const backpropagation: ErrorTransport = {
  send: ({ weights }, pass) => pass(weights[0]!),
  dispose: () => {},
};

/**
 * Creates the replacement of wᵀ (equation 5 of the paper and its variants). Random matrices are drawn once, from a
 * separate random stream.
 */
export function errorTransport(
  transpose: Transpose | undefined,
  spec: WeightSpec,
  context: LayerContext,
): ErrorTransport {
  const transport = createTransport(transpose, spec, context);
  if (!context.sendsRandomError) return transport;
  const random = createStream(context.seed, 'feedback', context.index);
  const matrix = tf.tensor(drawWeights(spec, random), [...spec.shape]);
  return {
    ...transport,
    sendRandom: (pass) => pass(matrix),
    dispose: () => {
      transport.dispose();
      matrix.dispose();
    },
  };
}

function createTransport(transpose: Transpose | undefined, spec: WeightSpec, context: LayerContext): ErrorTransport {
  if (!transpose) return backpropagation;
  const { scale, density } = transpose;
  const sd = initialSd(spec) * scale;
  const random = createStream(context.seed, 'feedback', context.index);
  switch (transpose.kind) {
    case 'feedback-alignment': {
      const matrix = createRandomMatrix(spec, { random, scale, density });
      return { readMatrix: () => matrix, send: (_input, pass) => pass(matrix), dispose: () => matrix.dispose() };
    }
    case 'mixed': {
      const { alpha = 0.5 } = transpose;
      const matrix = createRandomMatrix(spec, { random, scale: scale * (1 - alpha), density });
      return {
        send: ({ weights }, pass) => pass(tf.add(tf.mul(weights[0]!, alpha), matrix)),
        dispose: () => matrix.dispose(),
      };
    }
    case 'sign-symmetry':
      return { send: ({ weights }, pass) => pass(tf.mul(tf.sign(weights[0]!), sd)), dispose: () => {} };
    case 'direct-feedback-alignment':
      return directFeedback({ random, sd, density }, context.classes);
    case 'kolen-pollack':
      return {
        trained: { spec, scale },
        readMatrix: ({ feedback }) => feedback!,
        send: ({ feedback }, pass) => pass(feedback!),
        dispose: () => {},
      };
    case 'weight-mirror': {
      const mirror = createWeightMirror(transpose, spec, context);
      return {
        mirror,
        readMatrix: ({ state }) => state[0]!,
        send: ({ saved }, pass) => pass(saved[0]!),
        dispose: () => {},
      };
    }
  }
}

/** Creates a fixed random matrix in the shape of the weights. */
function createRandomMatrix(
  spec: WeightSpec,
  { random, scale, density }: { random: RandomSource; scale: number; density: number | undefined },
): tf.Tensor {
  const drawn = tf.tensor(dropEntries(drawWeights(spec, random), random, density), [...spec.shape]);
  const matrix = tf.tidy(() => tf.mul(drawn, scale));
  drawn.dispose();
  return matrix;
}

/**
 * Direct feedback: δ at the layer's input is the output error times B. B is drawn at first use, when the size of the
 * input is known.
 */
function directFeedback(
  { random, sd, density }: { random: RandomSource; sd: number; density: number | undefined },
  classes: number,
): ErrorTransport {
  let matrix: tf.Tensor2D | undefined;
  return {
    send({ x, outputError }) {
      const size = x.size / x.shape[0];
      const draw = (): Float32Array => dropEntries(drawNormals(classes * size, sd, random), random, density);
      matrix ??= tf.keep(tf.tensor2d(draw(), [classes, size]));
      return tf.reshape(tf.matMul(outputError, matrix), x.shape) as Batch;
    },
    dispose: () => matrix?.dispose(),
  };
}

/**
 * Sets entries to 0 at random, in place, and divides the others by √density, so that the root mean square stays.
 *
 * @param density probability that an entry stays; undefined for 1
 */
export function dropEntries(values: Float32Array, random: RandomSource, density: number | undefined): Float32Array {
  if (density === undefined || density === 1) return values;
  const factor = 1 / Math.sqrt(density);
  for (let i = 0; i < values.length; i++) values[i] = random() < density ? values[i]! * factor : 0;
  return values;
}
