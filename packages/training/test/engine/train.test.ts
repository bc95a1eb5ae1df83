import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { decodeCurve, trialResultSchema } from '@gradsmith/core/domain';
import {
  computeAulc,
  computeLossCap,
  computePartialAulc,
  type TrainingObjective,
  type TrainingObjectiveInput,
} from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BackendDescription, useBackend } from '../../src/backends/index.ts';
import type { DataSet } from '../../src/data/data-set.ts';
import { loadDataSet } from '../../src/data/store/load.ts';
import { twoGaussians } from '../../src/data/two-gaussians.ts';
import { type Checkpoint, checkpointKey, decodeCheckpoint, encodeCheckpoint } from '../../src/engine/checkpoint.ts';
import { train, type TrainingOptions } from '../../src/engine/train.ts';
import { createBusyObjective, busyData } from './busy.ts';
import { currentOps, createObjective, randomImages, sgd } from './helpers.ts';

let backend: BackendDescription;
beforeAll(async () => {
  backend = await useBackend('wasm');
});

const run = (spec: TrainingObjective, data: DataSet = busyData, options: Partial<TrainingOptions> = {}) =>
  train(spec, data, { backend, ops: currentOps(), ...options });

type Gaussians = Extract<TrainingObjective['dataset'], { name: 'two-gaussians' }>;
const gaussians = (change: Partial<Parameters<typeof createObjective>[0]> = {}) => {
  const spec = createObjective({
    dataset: { name: 'two-gaussians', train: 100, validation: 400 },
    network: { name: 'mlp', hidden: [8, 8] },
    optimizer: { name: 'adam', learningRate: 0.05 },
    epochs: 20,
    batchSize: 50,
    ...change,
  });
  return { spec, data: twoGaussians(spec.dataset as Gaussians) };
};

describe('a training', () => {
  it('learns, and reports a result that core accepts', async () => {
    const { spec, data } = gaussians();
    const result = trialResultSchema.parse(await run(spec, data));
    const losses = decodeCurve(result.curve);
    expect(losses).toHaveLength(40);
    expect(result.outcome).toBe('complete');
    expect(result.value).toBeCloseTo(computeAulc(losses, 40, computeLossCap(2)), 6);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
    expect(result.metrics['validationAccuracy']).toBeGreaterThan(0.85);
    expect(result.metrics['validationAccuracy']! * 400).toBe(Math.round(result.metrics['validationAccuracy']! * 400));
    expect(result.provenance).toMatchObject({ seed: 0, dataset: data.hash });
  });

  it('of a transformer with a b-function learns to name a marked letter, far better than guessing', async () => {
    const spec = createObjective({
      dataset: { name: 'marked-letter', length: 4, letters: 3, train: 480, validation: 200 },
      network: { name: 'transformer', channels: 16, heads: 2, hidden: 16 },
      optimizer: { name: 'adam', learningRate: 0.01 },
      epochs: 6,
      batchSize: 32,
      backward: [{ layer: ['relu1', 'relu2'], derivative: { kind: 'silu' } }],
    });
    const before = tf.memory().numTensors;
    const data = await loadDataSet(spec.dataset, { cacheDir: 'not used' });
    const { value, metrics, preActivations } = await run(spec, data);
    expect(value).toBeLessThan(0.75 * Math.log(3));
    expect(metrics['validationAccuracy']).toBeGreaterThan(0.9);
    expect(preActivations!.map(({ layer }) => layer)).toEqual(['relu1', 'relu2']);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(['final-loss', 'validation-loss', 'validation-accuracy'] as const)(
    'is judged by %s when asked',
    async (metric) => {
      const { spec, data } = gaussians({ metric });
      const { value, metrics } = await run(spec, data);
      expect(value).toBe(
        metrics[
          {
            'final-loss': 'finalLoss',
            'validation-loss': 'validationLoss',
            'validation-accuracy': 'validationAccuracy',
          }[metric]
        ],
      );
    },
  );

  it.each(['aulc', 'validation-accuracy'] as const)(
    'has the penalty of a dictionary in its value: %s',
    async (metric) => {
      const derivative = { kind: 'dictionary' as const, bases: ['relu', 'silu'], coefficients: { c: [0.5, -0.25] } };
      const withPenalty = (penalty: number) =>
        gaussians({ metric, backward: [{ layer: 'relu2', derivative: { ...derivative, penalty } }] });
      const [free, penalized] = [withPenalty(0), withPenalty(0.1)];
      const [{ value, metrics }, other] = [await run(free.spec, free.data), await run(penalized.spec, penalized.data)];
      expect(metrics).not.toHaveProperty('penalty');
      expect(other.metrics['penalty']).toBeCloseTo(0.075, 12);
      expect(other.value! - value!).toBeCloseTo(metric === 'aulc' ? 0.075 : -0.075, 12);
      expect(other.metrics['aulc']).toBe(metrics['aulc']);
    },
  );

  it('refuses data that do not match the objective', async () => {
    await expect(run(createBusyObjective(), randomImages([28, 28, 1], 10, 40, 20))).rejects.toThrow('50 training');
    await expect(run(createBusyObjective(), randomImages([32, 32, 3], 10, 50, 20))).rejects.toThrow(
      'mnist was asked for',
    );
  });
});

describe('equal seeds', () => {
  it('give the same bits, in one process and across processes', async () => {
    const [first, second] = [await run(createBusyObjective()), await run(createBusyObjective())];
    expect(second.curve).toBe(first.curve);
    expect(second.value).toBe(first.value);
    const child = async () =>
      (await promisify(execFile)(process.execPath, [new URL('./curve-child.ts', import.meta.url).pathname, 'wasm']))
        .stdout;
    expect(await Promise.all([child(), child()])).toEqual([first.curve, first.curve]);
  }, 30_000);

  it('pair trials: the first loss is the same whatever the b-function and optimizer', async () => {
    const first = async (change: Parameters<typeof createBusyObjective>[0]) =>
      decodeCurve((await run(createBusyObjective(change))).curve);
    const [silu, plain, other] = [
      await first({}),
      await first({ backward: [], optimizer: sgd }),
      await first({ seed: 1 }),
    ];
    expect(plain[0]).toBe(silu[0]);
    expect(plain[1]).not.toBe(silu[1]);
    expect(other[0]).not.toBe(silu[0]);
  });
});

describe('memory', () => {
  it('stays constant over steps and is freed', async () => {
    const before = tf.memory().numTensors;
    const seen: number[] = [];
    await run(createBusyObjective({ epochs: 6 }), busyData, {
      onProgress: () => (seen.push(tf.memory().numTensors), 'continue'),
    });
    expect(new Set(seen.slice(1)).size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is freed by interrupted trainings', async () => {
    const before = tf.memory().numTensors;
    const controller = new AbortController();
    controller.abort(new Error('stop'));
    await expect(run(createBusyObjective(), busyData, { signal: controller.signal })).rejects.toThrow('stop');
    await run(createBusyObjective(), busyData, { onProgress: () => 'prune' });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the end of a training', () => {
  it('rejects with the reason if it is aborted between steps', async () => {
    const controller = new AbortController();
    const steps: number[] = [];
    const training = run(createBusyObjective({ epochs: 50 }), busyData, {
      signal: controller.signal,
      onProgress({ step }) {
        steps.push(step);
        controller.abort(new Error('cancelled'));
        return 'continue';
      },
    });
    await expect(training).rejects.toThrow('cancelled');
    expect(steps).toHaveLength(1);
  });

  it.each(['final-loss', 'validation-loss', 'validation-accuracy'] as const)(
    'measures %s at the steps it is asked for, and trains as without that',
    async (metric) => {
      const { spec, data } = gaussians({ metric });
      const plain = await run(spec, data);
      const seen: [number, number | undefined][] = [];
      const measured = await run(spec, data, {
        rungs: [5, 20, 40],
        onProgress: ({ step, value }) => {
          if ([5, 20, 40].includes(step)) seen.push([step, value]);
          return 'continue';
        },
      });
      expect([measured.curve, measured.value]).toEqual([plain.curve, plain.value]);
      expect(seen).toEqual([
        [5, expect.any(Number)],
        [20, expect.any(Number)],
        [40, undefined],
      ]);
      // At the end of a shorter training, the same value is measured.
      const shorter = await run({ ...spec, epochs: 10 }, data);
      expect(seen[1]![1]).toBe(shorter.value);
    },
  );

  it('has its best measured value if it is pruned', async () => {
    const { spec, data } = gaussians({ metric: 'validation-accuracy' });
    const seen: number[] = [];
    const pruned = await run(spec, data, {
      rungs: [1, 10, 20],
      onProgress: ({ step, value }) => {
        if (value !== undefined) seen.push(value);
        return step >= 20 ? 'prune' : 'continue';
      },
    });
    expect(pruned).toMatchObject({ outcome: 'pruned', value: Math.max(...seen) });
    expect(seen).toHaveLength(3);
  });

  it('measures no area under the loss curve, which is always known', async () => {
    const { spec, data } = gaussians();
    const values: unknown[] = [];
    const onProgress: TrainingOptions['onProgress'] = ({ value }) => {
      values.push(value);
      return 'continue';
    };
    await run(spec, data, { rungs: [5], onProgress });
    expect(new Set(values)).toEqual(new Set([undefined]));
  });

  it('has a lower bound of its value if it is pruned', async () => {
    const full = await run(createBusyObjective());
    const pruned = await run(createBusyObjective(), busyData, {
      onProgress: ({ step }) => (step >= 5 ? 'prune' : 'continue'),
    });
    const losses = decodeCurve(pruned.curve);
    expect(pruned.outcome).toBe('pruned');
    expect(losses).toHaveLength(5);
    expect(pruned.value).toBeCloseTo(computePartialAulc(losses, 10, computeLossCap(10)), 6);
    expect(pruned.value).toBeLessThan(full.value);
  });

  it('counts missing steps at the cap if it diverges, with finite numbers', async () => {
    const { spec, data } = gaussians({
      optimizer: { name: 'sgd', learningRate: 1e4 },
      network: { name: 'mlp', hidden: [8, 8, 8, 8, 8, 8, 8, 8], activation: 'identity' },
      metric: 'aulc',
    });
    const result = trialResultSchema.parse(await run(spec, data));
    const losses = decodeCurve(result.curve);
    expect(result.outcome).toBe('diverged');
    expect(losses.length).toBeLessThan(40);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(result.value).toBeCloseTo(computeAulc(losses, 40, computeLossCap(2)), 6);
    expect(result.metrics).toMatchObject({ validationAccuracy: 0.5, validationLoss: computeLossCap(2) });
  });

  it("reports every step's loss once, in order", async () => {
    const seen: number[] = [];
    const { curve } = await run(createBusyObjective(), busyData, {
      onProgress: ({ losses, step }) => (seen.push(...losses), expect(seen).toHaveLength(step), 'continue'),
    });
    expect(Float32Array.from(seen)).toEqual(decodeCurve(curve));
  });
});

describe('checkpoints', () => {
  const saved = async (spec: TrainingObjective): Promise<Checkpoint[]> => {
    const checkpoints: Checkpoint[] = [];
    await run(spec, busyData, { onEpoch: async (_epoch, read) => void checkpoints.push(await read()) });
    return checkpoints;
  };

  it.each([0.9, 0.95, 0.99, 0.999])('batch norm of momentum %d predicts the same bits after it', async (momentum) => {
    const spec = createBusyObjective({
      network: {
        layers: [
          { type: 'dense', name: 'fc', units: 10 },
          { type: 'batch-norm', name: 'norm', momentum },
        ],
      },
      backward: [],
      epochs: 5,
    });
    const whole = await run(spec);
    for (const resume of await saved(spec)) {
      expect((await run(spec, busyData, { resume })).metrics['validationLoss'], `${resume.step} steps before`).toBe(
        whole.metrics['validationLoss'],
      );
    }
  });

  it.each([
    ['every source of randomness', {}],
    [
      'programs that keep statistics',
      {
        optimizer: { name: 'program', learningRate: 0.1, formula: 'g + mh / (sqrt(vh) + 0.01) * (1 - t) + p / k' },
        backward: [{ layer: 'relu', program: { formula: 'd * (z > rm - rs * t) + 0.01 * n * rs' } }],
      },
    ],
  ] as const)('a resumed training equals an uninterrupted one bit for bit: %s', async (_, change) => {
    const spec = createBusyObjective({ epochs: 4, ...change } as Partial<TrainingObjectiveInput>);
    const [whole, checkpoints] = [await run(spec), await saved(spec)];
    expect(checkpoints.map(({ step }) => step)).toEqual([5, 10, 15]);
    const key = checkpointKey(spec, busyData.hash, 'here');
    for (const checkpoint of checkpoints) {
      const resume = decodeCheckpoint(encodeCheckpoint(checkpoint, key), key)!;
      const resumed = await run(spec, busyData, { resume });
      expect(resumed.curve).toBe(whole.curve);
      expect(resumed.value).toBe(whole.value);
      expect(resumed.metrics['validationLoss']).toBe(whole.metrics['validationLoss']);
    }
  });

  it('keep the best measured value, which is the bound of a pruned training', async () => {
    // The second evaluation is worse than the first.
    const spec = createBusyObjective({
      epochs: 4,
      metric: 'validation-loss',
      optimizer: { name: 'sgd', learningRate: 0.3 },
    });
    const checkpoints: Checkpoint[] = [];
    const seen: number[] = [];
    const options: Partial<TrainingOptions> = {
      rungs: [4, 12],
      onProgress: ({ step, value }) => {
        if (value !== undefined) seen.push(value);
        return step >= 12 ? 'prune' : 'continue';
      },
    };
    const onEpoch: TrainingOptions['onEpoch'] = async (_, read) => void checkpoints.push(await read());
    const whole = await run(spec, busyData, { ...options, onEpoch });
    expect(seen[0]).toBeLessThan(seen[1]!);
    expect(whole).toMatchObject({ outcome: 'pruned', value: seen[0] });
    for (const checkpoint of checkpoints) {
      const resume = decodeCheckpoint(encodeCheckpoint(checkpoint, 'key'), 'key')!;
      expect((await run(spec, busyData, { ...options, resume })).value).toBe(whole.value);
    }
    expect(checkpoints).toHaveLength(2);
  });

  it('can be resumed after very many steps', async () => {
    const { spec, data } = gaussians({ batchSize: 1, epochs: 2001 });
    const stop = new AbortController();
    const first = await new Promise<Checkpoint>((resolve) => {
      run(spec, data, {
        signal: stop.signal,
        onEpoch: async (_epoch, read) => (resolve(await read()), stop.abort()),
      }).catch(() => {});
    });
    const resume = {
      ...first,
      step: 200_000,
      losses: Array.from({ length: 200_000 }, (_, i) => first.losses[i % first.step]!),
    };
    expect(decodeCurve((await run(spec, data, { resume })).curve)).toHaveLength(200_100);
  });

  it('are ignored if they are truncated, damaged or of another training', async () => {
    const [checkpoint] = await saved(createBusyObjective());
    const bytes = encodeCheckpoint(checkpoint!, 'key');
    expect(decodeCheckpoint(bytes, 'key')).toEqual(checkpoint);
    expect(decodeCheckpoint(bytes, 'another key')).toBeUndefined();
    for (const length of [0, 3, 10, bytes.length - 1])
      expect(decodeCheckpoint(bytes.subarray(0, length), 'key')).toBeUndefined();
  });
});

describe('pre-activations', () => {
  const replaced = [{ layer: 'relu1', derivative: { kind: 'softplus' as const } }];

  it('are counted after the first epoch and at the end, at the layers with a replaced derivative', async () => {
    const { spec, data } = gaussians({ backward: replaced });
    const { preActivations, metrics } = await run(spec, data);
    expect(preActivations).toEqual([{ layer: 'relu1', moments: [expect.anything(), expect.anything()] }]);
    const { moments } = preActivations![0]!;
    expect(moments.map(({ step }) => step)).toEqual([2, 40]);
    // 100 examples with 8 units.
    for (const { counts } of moments) expect(counts.reduce((sum, count) => sum + count)).toBe(800);
    const negative = moments[1]!.counts.slice(0, 21).reduce((sum, count) => sum + count);
    expect(negative / 800).toBeCloseTo(metrics['beta.relu1.dead']!, 12);
    expect(moments[0]!.counts).not.toEqual(moments[1]!.counts);
  });

  it('are not counted for the reference, and until a trial is pruned', async () => {
    const plain = gaussians();
    expect(await run(plain.spec, plain.data)).not.toHaveProperty('preActivations');
    const stopped = gaussians({ backward: replaced });
    const result = await run(stopped.spec, stopped.data, {
      onProgress: ({ step }) => (step >= 6 ? 'prune' : 'continue'),
    });
    expect(result.preActivations![0]!.moments.map(({ step }) => step)).toEqual([2, 6]);
  });

  it('do not change with a resumption', async () => {
    const { spec, data } = gaussians({ backward: replaced });
    const saved: Uint8Array[] = [];
    const whole = await run(spec, data, {
      onEpoch: async (_epoch, read) => void saved.push(encodeCheckpoint(await read(), 'key')),
    });
    const resumed = await run(spec, data, { resume: decodeCheckpoint(saved[7]!, 'key')! });
    expect(resumed.preActivations).toEqual(whole.preActivations);
    expect(resumed.curve).toBe(whole.curve);
  });
});

describe('the implicit learning rate', () => {
  it('is c·α where g = c·σ′, and does not exist where σ′ = 0 and g ≠ 0', async () => {
    const beta = async (derivative: object) => {
      const { spec, data } = gaussians({ backward: [{ layer: 'relu2', derivative: derivative as { kind: 'relu' } }] });
      return (await run(spec, data)).metrics;
    };
    const scaled = await beta({ kind: 'relu', scale: 3 });
    for (const quantile of ['p05', 'p50', 'p95']) expect(scaled[`beta.relu2.${quantile}`]).toBeCloseTo(0.15, 6);
    expect(scaled['beta.relu2.dead']).toBe(0);
    const softplus = await beta({ kind: 'softplus' });
    expect(softplus['beta.relu2.p05']).toBeGreaterThanOrEqual(0.025);
    expect(softplus['beta.relu2.p95']).toBeLessThanOrEqual(0.05);
    expect(softplus['beta.relu2.dead']).toBeGreaterThan(0.1);
  });
});
