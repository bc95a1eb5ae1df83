import type { ActivationLayer, LayerReplacement } from '@gradsmith/core/objective';
import { beforeAll, expect, it } from 'vitest';
import { useBackend } from '../../src/backends/index.ts';
import { createProgramActivation } from '../../src/engine/layers/program-activation.ts';
import { createStream, drawNormals } from '../../src/engine/streams.ts';
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
  const noise = drawNormals(64 * 28 * 28 * 8, 1, createStream(3, 'program', 1, 2));
  expect(drawn).toHaveLength(noise.length + 1);
  expect(drawn[0]).toBe(0.5);
  expect(drawn.subarray(1)).toEqual(noise);
});
