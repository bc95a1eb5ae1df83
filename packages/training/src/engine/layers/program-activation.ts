import {
  type ActivationLayer,
  type BackwardName,
  buildActivation,
  buildBackwardProgram,
  type LayerReplacement,
  listVariables,
  number,
  type Shape,
  substitute,
} from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../kernels/kernel-ops.ts';
import { drawNoise } from '../draw-noise.ts';
import { createStream, drawNormals } from '../streams.ts';
import { evaluateTensor } from '../tensor-expression.ts';
import { computeMoments } from './backward-function.ts';
import type { BackwardInput, LayerContext, RuntimeLayer } from './layer.ts';

/** Share of the old running statistics in the new ones. */
const DECAY = 0.9;

/** Creates an activation layer whose backward step is a program: the error below is what its formula gives. */
export function createProgramActivation(
  layer: ActivationLayer,
  input: Shape,
  { program, depth }: LayerReplacement,
  context: LayerContext,
): RuntimeLayer {
  const sigma = buildActivation(layer.function, layer.levels);
  const written = buildBackwardProgram(program!.formula, layer);
  const formula = substitute<BackwardName>(written, { depth: number(depth) });
  const used = listVariables(formula);
  const size = input.reduce((product, side) => product * side, 1);
  const keepsStatistics = used.has('rm') || used.has('rs');
  const direct = used.has('e') ? createDirectFeedback(size, context) : undefined;
  const drawsNumbers = used.has('t') || used.has('n');
  const runtime: RuntimeLayer = {
    name: layer.name,
    variables: [],
    forward(x, _weights, { state }) {
      const y = evaluateTensor(sigma, x);
      if (!keepsStatistics) return { y, saved: [] };
      const statistics = advanceStatistics(state, x);
      return { y, saved: statistics.saved, state: statistics.state };
    },
    backward(backward) {
      const values: Partial<Record<BackwardName, tf.Tensor>> = { d: backward.dy };
      if (used.has('m') || used.has('s')) {
        const { mean, deviation } = computeMoments(backward.x);
        Object.assign(values, { m: mean, s: deviation });
      }
      if (used.has('ds')) values.ds = computeMoments(backward.dy).deviation;
      if (backward.randomError) values.r = backward.randomError;
      if (direct) values.e = direct.send(backward);
      if (keepsStatistics) Object.assign(values, { rm: backward.saved[0]!, rs: backward.saved[1]! });
      if (backward.drawn) Object.assign(values, splitDrawn(backward.drawn, backward.x, used.has('n')));
      return { dx: tf.clone(evaluateTensor(formula, backward.x, values)), gradients: [] };
    },
    predict: (x) => evaluateTensor(sigma, x),
    dispose: () => direct?.dispose(),
  };
  if (keepsStatistics) Object.assign(runtime, { state: [[], [], []] });
  if (!drawsNumbers) return runtime;
  const draw = (step: number, batch: number): tf.Tensor => {
    const random = createStream(context.seed, 'program', context.index, step);
    const noise = used.has('n') ? drawNoise(batch * size, 1, random) : new Float32Array();
    const drawn = new Float32Array(1 + noise.length);
    drawn[0] = step / Math.max(1, context.steps - 1);
    drawn.set(noise, 1);
    return tf.tensor1d(drawn);
  };
  return { ...runtime, draw };
}

/** The running means of mean and deviation, and the sum of their weights, by which they are divided. */
function advanceStatistics(state: readonly tf.Tensor[], x: Batch): { saved: tf.Tensor[]; state: tf.Tensor[] } {
  const { mean, deviation } = computeMoments(x);
  const mix = (old: tf.Tensor, fresh: tf.Tensor | number): tf.Tensor =>
    tf.add(tf.mul(old, DECAY), typeof fresh === 'number' ? fresh * (1 - DECAY) : tf.mul(fresh, 1 - DECAY));
  const next = [mix(state[0]!, mean), mix(state[1]!, deviation), mix(state[2]!, 1)] as const;
  return { saved: [tf.div(next[0], next[2]), tf.div(next[1], next[2])], state: [...next] };
}

/** Returns the progress, and the noise in the shape of x. */
function splitDrawn(drawn: tf.Tensor, x: Batch, hasNoise: boolean): Partial<Record<BackwardName, tf.Tensor>> {
  const all = drawn as tf.Tensor1D;
  const t = tf.reshape(tf.slice1d(all, 0, 1), []);
  return hasNoise ? { t, n: tf.reshape(tf.slice1d(all, 1, x.size), x.shape) } : { t };
}

/** The output error times a fixed random matrix with entries of variance 1 / classes. */
function createDirectFeedback(size: number, { seed, index, classes }: LayerContext) {
  const random = createStream(seed, 'feedback', index);
  const matrix = tf.tensor2d(drawNormals(classes * size, classes ** -0.5, random), [classes, size]);
  return {
    send: ({ outputError, x }: BackwardInput): tf.Tensor => tf.reshape(tf.matMul(outputError, matrix), x.shape),
    dispose: () => matrix.dispose(),
  };
}
