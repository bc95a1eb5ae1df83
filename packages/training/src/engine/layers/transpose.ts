import type { Transpose } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import { drawWeights, initialSd, type WeightSpec } from '../initialize.ts';
import { drawNormals, createStream } from '../streams.ts';
import type { BackwardInput, LayerContext } from './layer.ts';

/** How the error passes a weight layer backward. */
export interface ErrorTransport {
  /** @param pass the layer's own backward pass, with the matrix or filter to use instead of its weights */
  send(input: BackwardInput, pass: (weights: tf.Tensor) => Batch): Batch;
  /** Sends the error through a fixed random matrix, if the layer below asks for it. */
  sendRandom?(pass: (weights: tf.Tensor) => Batch): Batch;
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
    send: transport.send,
    sendRandom: (pass) => pass(matrix),
    dispose: () => {
      transport.dispose();
      matrix.dispose();
    },
  };
}

function createTransport(transpose: Transpose | undefined, spec: WeightSpec, context: LayerContext): ErrorTransport {
  if (!transpose) return backpropagation;
  const sd = initialSd(spec) * transpose.scale;
  const random = createStream(context.seed, 'feedback', context.index);
  switch (transpose.kind) {
    case 'feedback-alignment': {
      const drawn = tf.tensor(drawWeights(spec, random), [...spec.shape]);
      const matrix = tf.tidy(() => tf.mul(drawn, transpose.scale));
      drawn.dispose();
      return { send: (_input, pass) => pass(matrix), dispose: () => matrix.dispose() };
    }
    case 'mixed': {
      const { alpha = 0.5, scale } = transpose;
      const drawn = tf.tensor(drawWeights(spec, random), [...spec.shape]);
      const matrix = tf.tidy(() => tf.mul(drawn, scale * (1 - alpha)));
      drawn.dispose();
      return {
        send: ({ weights }, pass) => pass(tf.add(tf.mul(weights[0]!, alpha), matrix)),
        dispose: () => matrix.dispose(),
      };
    }
    case 'sign-symmetry':
      return { send: ({ weights }, pass) => pass(tf.mul(tf.sign(weights[0]!), sd)), dispose: () => {} };
    case 'direct-feedback-alignment':
      return directFeedback(sd, random, context.classes);
  }
}

/**
 * Direct feedback: δ at the layer's input is the output error times B. B is drawn at first use, when the size of the
 * input is known.
 */
function directFeedback(sd: number, random: () => number, classes: number): ErrorTransport {
  let matrix: tf.Tensor2D | undefined;
  return {
    send({ x, outputError }) {
      const size = x.size / x.shape[0];
      matrix ??= tf.keep(tf.tensor2d(drawNormals(classes * size, sd, random), [classes, size]));
      return tf.reshape(tf.matMul(outputError, matrix), x.shape) as Batch;
    },
    dispose: () => matrix?.dispose(),
  };
}
