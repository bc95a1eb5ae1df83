import type { ActivationLayer, LayerReplacement } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { useBackend } from '../../src/backends/index.ts';
import { drawNoise } from '../../src/engine/draw-noise.ts';
import type { BackwardInput } from '../../src/engine/layers/layer.ts';
import { createProgramActivation } from '../../src/engine/layers/program-activation.ts';
import { createStream } from '../../src/engine/streams.ts';
import type { Batch } from '../../src/kernels/kernel-ops.ts';
import { currentOps } from './helpers.ts';

beforeAll(async () => {
  await useBackend('wasm');
});

it('draws the progress and the noise of a layer with 401,408 numbers', async () => {
  const layer: ActivationLayer = { type: 'activation', name: 'relu1', function: 'relu' };
  const replacement = { program: { formula: 'd + n * t' }, depth: 0 } as LayerReplacement;
  const context = { ops: currentOps(), seed: 3, index: 1, normalized: false, classes: 10, sendsRandomError: false };
  const runtime = createProgramActivation(layer, [28, 28, 8], replacement, { ...context, steps: 5 });
  const drawn = await runtime.draw!(2, 64).data();
  const noise = drawNoise(64 * 28 * 28 * 8, 1, createStream(3, 'program', 1, 2));
  expect(drawn).toHaveLength(noise.length + 1);
  expect(drawn[0]).toBe(0.5);
  expect(drawn.subarray(1)).toEqual(noise);
});

it('keeps running means of mean and deviation over three steps, those of float64', async () => {
  const layer: ActivationLayer = { type: 'activation', name: 'relu1', function: 'relu' };
  const replacement = { program: { formula: 'd * rm + z * rs' }, depth: 0 } as LayerReplacement;
  const context = { ops: currentOps(), seed: 3, index: 1, normalized: false, classes: 10, sendsRandomError: false };
  const runtime = createProgramActivation(layer, [6], replacement, { ...context, steps: 3 });
  let state: readonly tf.Tensor[] = runtime.state!.map(() => tf.scalar(0));
  const sums = { mean: 0, deviation: 0, weight: 0 };
  for (let step = 0; step < 3; step++) {
    const z = drawNoise(24, 1 + step, createStream(3, 'noise', step)).map((value) => value + step);
    const d = drawNoise(24, 1, createStream(3, 'dropout', step));
    const mean = z.reduce((sum, value) => sum + value, 0) / 24;
    const deviation = Math.sqrt(z.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 24);
    sums.mean = 0.9 * sums.mean + 0.1 * mean;
    sums.deviation = 0.9 * sums.deviation + 0.1 * deviation;
    sums.weight = 0.9 * sums.weight + 0.1;
    const x = tf.tensor2d(z, [4, 6]) as Batch;
    const forward = runtime.forward(x, [], { state } as unknown as Parameters<typeof runtime.forward>[2]);
    const input = { x, dy: tf.tensor2d(d, [4, 6]), saved: forward.saved, weights: [] } as unknown as BackwardInput;
    const below = await runtime.backward(input).dx!.data();
    const [rm, rs] = [sums.mean / sums.weight, sums.deviation / sums.weight];
    below.forEach((value, i) => expect(value).toBeCloseTo(d[i]! * rm + z[i]! * rs, 4));
    state = forward.state!;
  }
});
