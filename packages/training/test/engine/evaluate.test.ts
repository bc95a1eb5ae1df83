import { planTraining } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/backends/index.ts';
import { createMarkedLetters } from '../../src/data/marked-letters.ts';
import { Batches } from '../../src/engine/batches.ts';
import { evaluateExamples } from '../../src/engine/evaluate.ts';
import { limitExamples } from '../../src/engine/limit-examples.ts';
import { TrainState } from '../../src/engine/train-state.ts';
import { createObjective, currentOps, sgd } from './helpers.ts';

beforeAll(async () => {
  await useBackend('wasm');
});

const createTransformer = (length: number, blocks = 2) =>
  createObjective({
    dataset: { name: 'marked-letter', length, train: 20, validation: 20 },
    network: { name: 'transformer', blocks, channels: 16, heads: 16, hidden: 8 },
    optimizer: sgd,
    epochs: 1,
    batchSize: 10,
  });

describe('an evaluation', () => {
  it('takes fewer examples at once where a layer keeps many numbers of each', () => {
    const { shape } = planTraining(createTransformer(512));
    const kept = Math.max(...shape.layers.map((layer) => layer.kept));
    const count = limitExamples(shape, 250);
    expect(count).toBeLessThan(20);
    expect(4 * count * kept).toBeLessThanOrEqual(256 * 2 ** 20);
    expect(limitExamples(planTraining(createTransformer(16)).shape, 250)).toBe(250);
  });

  it('holds the weights of the attention of one layer only', async () => {
    const measurePeak = async (blocks: number) => {
      const objective = createTransformer(32, blocks);
      const plan = planTraining(objective);
      const data = createMarkedLetters(objective.dataset as never);
      const state = new TrainState(objective, plan, currentOps());
      const batches = new Batches(data, objective, plan.stepsPerEpoch);
      const before = tf.memory().numBytes;
      let figures;
      const { peakBytes } = await tf.profile(async () => {
        figures = await evaluateExamples(state, batches, data.validation, 20);
        return tf.scalar(0);
      });
      state.dispose();
      expect(figures).toEqual({ loss: expect.any(Number), accuracy: expect.any(Number) });
      return peakBytes - before;
    };
    // The attention of a block has more numbers than all else.
    expect(await measurePeak(4)).toBeLessThan(1.5 * (await measurePeak(1)));
  });
});
