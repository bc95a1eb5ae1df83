import { DEFAULT_MIRROR_RATE, type Transpose } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { WeightSpec } from '../initialize.ts';
import { createStream, drawSigns } from '../streams.ts';
import type { LayerContext } from './layer.ts';

/** Rows of noise before the first step: so many times the inputs of a unit, at most so many. */
const ROWS_PER_INPUT = 10;
const MOST_ROWS = 10_000;
/** Rows that are in memory at once. */
const CHUNK = 500;

/**
 * A feedback matrix B that learns the weights of its layer without reading them (Akrout et al. 2019, weight mirrors).
 * The inputs of the layer are noise x of independent signs ±1. They cause outputs y = xᵀW, and B moves toward the
 * correlation xyᵀ, whose expectation is W: for many rows of noise before the first step, and for one batch of them in
 * every step, before its training. A convolution sees noise in single windows.
 */
export interface WeightMirror {
  /** Shape of B, which is the state of the layer. */
  readonly state: readonly [readonly number[]];
  /** Computes B before the first step. */
  start(w: tf.Tensor): tf.Tensor;
  /** Draws the noise of one step: [batch, inputs of one unit]. */
  draw(step: number, batch: number): tf.Tensor;
  /**
   * Returns the next B.
   *
   * @param w the weights that the layer computes with
   */
  advance(w: tf.Tensor, b: tf.Tensor, noise: tf.Tensor): tf.Tensor;
}

export function createWeightMirror(
  { scale, rate = DEFAULT_MIRROR_RATE }: Transpose,
  spec: WeightSpec,
  { seed, index }: LayerContext,
): WeightMirror {
  const inputs = spec.fanIn;
  const draw = (rows: number, ...where: number[]): tf.Tensor2D =>
    tf.tensor2d(drawSigns(rows * inputs, createStream(seed, 'mirror', index, ...where)), [rows, inputs]);
  /** Sums xyᵀ over rows of noise. */
  const correlate = (w: tf.Tensor, x: tf.Tensor2D): tf.Tensor => {
    const y: tf.Tensor2D = tf.matMul(x, tf.reshape(w, [inputs, -1]) as tf.Tensor2D);
    return tf.reshape(tf.matMul(x, y, true), [...spec.shape]);
  };
  return {
    state: [spec.shape],
    start(w) {
      const rows = countStartRows(inputs);
      let sum: tf.Tensor = tf.zerosLike(w);
      for (let from = 0; from < rows; from += CHUNK) {
        const before = sum;
        sum = tf.tidy(() => tf.add(before, correlate(w, draw(Math.min(CHUNK, rows - from), 0, from))));
        before.dispose();
      }
      return tf.mul(sum, scale / rows);
    },
    draw: (step, batch) => draw(batch, 1, step),
    advance: (w, b, noise) =>
      tf.add(tf.mul(b, 1 - rate), tf.mul(correlate(w, noise as tf.Tensor2D), (rate * scale) / noise.shape[0]!)),
  };
}

/** Returns the number of rows of noise before the first step. */
export function countStartRows(inputs: number): number {
  return Math.min(MOST_ROWS, ROWS_PER_INPUT * inputs);
}
