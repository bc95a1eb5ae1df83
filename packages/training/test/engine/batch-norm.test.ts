import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { useBackend } from '../../src/backends/index.ts';
import { batchNorm } from '../../src/engine/layers/batch-norm.ts';
import { currentOps } from './helpers.ts';

beforeAll(async () => {
  await useBackend('wasm');
});

it('predicts before the first step, with mean 0 and variance 1', async () => {
  const layer = batchNorm({ type: 'batch-norm', name: 'norm', momentum: 0.9, epsilon: 0 } as never, 2, {
    ops: currentOps(),
  } as never);
  const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  const state = [tf.zeros([2]), tf.zeros([2])];
  const y = layer.predict(x, [tf.ones([2]), tf.zeros([2])], { state, steps: 0, others: [] });
  expect([...(await y.data())]).toEqual([1, 2, 3, 4]);
});
