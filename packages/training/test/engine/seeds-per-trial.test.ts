import { decodeCurve, listTrialSeeds, trialResultSchema } from '@gradsmith/core/domain';
import { computeLossCap, type TrainingObjective } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BackendDescription, useBackend } from '../../src/backends/index.ts';
import { twoGaussians } from '../../src/data/two-gaussians.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/engine/checkpoint.ts';
import { train, type TrainingOptions } from '../../src/engine/train.ts';
import { createBusyObjective, busyData } from './busy.ts';
import { createObjective, currentOps } from './helpers.ts';

let backend: BackendDescription;
beforeAll(async () => {
  backend = await useBackend('wasm');
});

const run = (spec: TrainingObjective, options: Partial<TrainingOptions> = {}) => {
  const data = spec.dataset.name === 'two-gaussians' ? twoGaussians(spec.dataset) : busyData;
  return train(spec, data, { backend, ops: currentOps(), ...options });
};

/** Trains one job for each of the seeds over which a trial averages. */
async function runApart(spec: TrainingObjective) {
  const results = [];
  for (const seed of listTrialSeeds(spec.seed, spec.seedsPerTrial!))
    results.push(await run({ ...spec, seed, seedsPerTrial: undefined }));
  return results;
}

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Deep and linear: with this rate, the first three seeds diverge at different steps, and the fourth does not. */
const createUnstable = (change: Partial<Parameters<typeof createObjective>[0]> = {}) =>
  createObjective({
    dataset: { name: 'two-gaussians', train: 100, validation: 40 },
    network: { name: 'mlp', hidden: [8, 8, 8, 8, 8, 8], activation: 'identity' },
    optimizer: { name: 'sgd', learningRate: 0.1 },
    epochs: 20,
    batchSize: 50,
    seedsPerTrial: 4,
    ...change,
  });

describe('a training with several seeds', () => {
  it('has the mean value, metrics and curve of the trainings with one of them', async () => {
    const spec = createBusyObjective({ seed: 5, seedsPerTrial: 3 });
    const apart = await runApart(spec);
    const result = trialResultSchema.parse(await run(spec));
    expect(result.outcome).toBe('complete');
    expect(result.value).toBeCloseTo(average(apart.map(({ value }) => value)), 12);
    for (const metric of ['aulc', 'finalLoss', 'validationLoss', 'validationAccuracy', 'beta.relu.p50'])
      expect(result.metrics[metric]).toBeCloseTo(average(apart.map(({ metrics }) => metrics[metric]!)), 12);
    expect([1, 2, 3].map((i) => result.metrics[`aulc.seed${i}`])).toEqual(apart.map(({ value }) => value));
    const curves = apart.map(({ curve }) => decodeCurve(curve));
    expect(decodeCurve(result.curve)).toEqual(
      Float32Array.from(curves[0]!, (_, step) => average(curves.map((curve) => curve[step]!))),
    );
    expect(result.provenance).toMatchObject({ seed: 5, seeds: listTrialSeeds(5, 3).join(' ') });
    expect(result.preActivations).toEqual(apart[0]!.preActivations);
  });

  it('with one seed is what it is without the field', async () => {
    const [one, none] = [await run(createBusyObjective({ seedsPerTrial: 1 })), await run(createBusyObjective())];
    expect([one.value, one.curve]).toEqual([none.value, none.curve]);
    expect(one.provenance).toEqual(none.provenance);
    expect(Object.keys(one.metrics)).toEqual(Object.keys(none.metrics));
  });

  it('reports the mean of the metric at a rung, and bounds that grow to the mean', async () => {
    const spec = createBusyObjective({ metric: 'validation-loss', seedsPerTrial: 2, epochs: 3 });
    const sums: number[] = [];
    let value: number | undefined;
    const result = await run(spec, {
      rungs: [10],
      onProgress: (progress) => {
        sums.push(progress.partialSum);
        if (progress.step === 10) ({ value } = progress);
        return 'continue';
      },
    });
    expect(value).toBeCloseTo((await run({ ...spec, epochs: 2 })).value, 12);
    expect(sums).toEqual(sums.toSorted((a, b) => a - b));
    expect(sums.at(-1)).toBeCloseTo(result.metrics['aulc']!, 12);
  });

  it('is pruned with the mean of the bounds', async () => {
    const spec = createBusyObjective({ seedsPerTrial: 2, epochs: 4 });
    const seen = { partialSum: 0, step: 0 };
    const onProgress: TrainingOptions['onProgress'] = ({ step, partialSum }) => {
      Object.assign(seen, { step, partialSum });
      return step >= 10 ? 'prune' : 'continue';
    };
    const pruned = await run(spec, { onProgress });
    expect(pruned).toMatchObject({ outcome: 'pruned', value: seen.partialSum, metrics: { steps: seen.step } });
    expect(decodeCurve(pruned.curve)).toHaveLength(seen.step);
  });

  it.each(['aulc', 'validation-accuracy'] as const)(
    'continues with the other seeds if one diverges, and has their mean %s',
    async (metric) => {
      const spec = createUnstable({ metric });
      const apart = await runApart(spec);
      const outcomes = apart.map(({ outcome }) => outcome);
      expect(new Set(outcomes)).toEqual(new Set(['complete', 'diverged']));
      const steps: number[] = [];
      const result = trialResultSchema.parse(
        await run(spec, { onProgress: ({ step }) => (steps.push(step), 'continue') }),
      );
      expect(result.outcome).toBe('diverged');
      expect(result.value).toBeCloseTo(average(apart.map(({ value }) => value)), 12);
      expect(steps.at(-1)).toBe(40);
      const shortest = Math.min(...apart.map(({ curve }) => decodeCurve(curve).length));
      expect(decodeCurve(result.curve)).toHaveLength(shortest);
      if (metric === 'aulc') expect(result.value).toBeGreaterThan(computeLossCap(2) / 2);
    },
  );

  it('has the steps that it took when it is pruned after one of its networks diverged', async () => {
    let last = 0;
    const onProgress: TrainingOptions['onProgress'] = ({ step }) => ((last = step) >= 20 ? 'prune' : 'continue');
    const pruned = await run(createUnstable(), { onProgress });
    expect(decodeCurve(pruned.curve).length).toBeLessThan(20);
    expect(pruned).toMatchObject({ outcome: 'pruned', metrics: { steps: last } });
  });

  it('continues from a checkpoint bit for bit, also after one of its networks diverged', async () => {
    for (const spec of [createBusyObjective({ seedsPerTrial: 2 }), createUnstable({ epochs: 6 })]) {
      const checkpoints: Checkpoint[] = [];
      const whole = await run(spec, { onEpoch: async (_epoch, read) => void checkpoints.push(await read()) });
      for (const checkpoint of [checkpoints[0]!, checkpoints.at(-1)!]) {
        const resume = decodeCheckpoint(encodeCheckpoint(checkpoint, 'key'), 'key')!;
        const { value, curve, metrics } = await run(spec, { resume });
        expect([value, curve]).toEqual([whole.value, whole.curve]);
        expect(metrics['validationLoss']).toBe(whole.metrics['validationLoss']);
      }
    }
  });

  it('frees its memory', async () => {
    const before = tf.memory().numTensors;
    await run(createBusyObjective({ seedsPerTrial: 3 }));
    await run(createUnstable());
    expect(tf.memory().numTensors).toBe(before);
  });
});
