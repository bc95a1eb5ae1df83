// Properties of every backend, and comparisons between backends.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { decodeCurve, type TrialResult } from '@gradsmith/core/domain';
import { type TrainingObjective } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it as vitestIt, vi } from 'vitest';
import { type BackendName, getKernelOps, useBackend } from '../../src/backends/index.ts';
import type { DataSet } from '../../src/data/data-set.ts';
import type { Checkpoint } from '../../src/engine/checkpoint.ts';
import { train, type TrainingOptions } from '../../src/engine/train.ts';
import { isInstalled, testOptions } from '../backends/installed.ts';
import { createBusyObjective, busyData } from './busy.ts';
import { createObjective, randomImages, relativeError } from './helpers.ts';

vi.setConfig({ testTimeout: 300_000 });

async function runBackend(
  name: BackendName,
  spec: TrainingObjective,
  data: DataSet,
  options: Partial<TrainingOptions> = {},
): Promise<TrialResult> {
  const backend = await useBackend(name, testOptions);
  return train(spec, data, { backend, ops: getKernelOps(name), ...options });
}

describe('20 steps of SimpleNet from the same start on the same batches', () => {
  const spec = createObjective({
    dataset: { name: 'mnist', train: 80, validation: 0 },
    network: { name: 'simplenet', width: 1 / 32 },
    optimizer: { name: 'adadelta', learningRate: 0.001 },
    epochs: 1,
    batchSize: 4,
  });
  const data = randomImages([28, 28, 1], 10, 80, 0);
  const curve = async (name: BackendName) => decodeCurve((await runBackend(name, spec, data)).curve);
  let wasm: Promise<Float32Array> | undefined;

  // With a faster rate, a pre-activation crosses ReLU's kink on one backend only, and the curves diverge from there.
  vitestIt.for(['cpu', 'tensorflow', 'webgpu'] as const)(
    'give one curve on wasm and %s, within 1e-5',
    async (name, { skip }) => {
      skip(!isInstalled(name), `${name} is not installed`);
      const expected = await (wasm ??= curve('wasm'));
      expect(expected).toHaveLength(20);
      expect(relativeError(await curve(name), expected)).toBeLessThan(1e-5);
    },
  );
});

describe.for((['tensorflow', 'webgpu'] as const).map((name) => [name, isInstalled(name)] as const))(
  'on %s',
  ([name, installed]) => {
    const it = installed ? vitestIt : vitestIt.skip;
    const program = new URL('./curve-child.ts', import.meta.url).pathname;
    const child = async (threads = 1) =>
      (await promisify(execFile)(process.execPath, [program, name, String(threads)])).stdout;

    it('equal seeds give the same bits, in one process and across processes', async () => {
      const first = await runBackend(name, createBusyObjective(), busyData);
      expect((await runBackend(name, createBusyObjective(), busyData)).curve).toBe(first.curve);
      expect(await Promise.all([child(), child()])).toEqual([first.curve, first.curve]);
    });

    // Threads may execute the operations of a graph in any order.
    it('equal seeds give the same bits with several threads', async () => {
      const [first, ...others] = await Promise.all([child(2), child(2), child(2)]);
      expect(others).toEqual([first, first]);
    });

    it('a resumed training equals an uninterrupted one bit for bit', async () => {
      const spec = createBusyObjective({ epochs: 3 });
      const checkpoints: Checkpoint[] = [];
      const whole = await runBackend(name, spec, busyData, {
        onEpoch: async (_epoch, read) => void checkpoints.push(await read()),
      });
      expect(checkpoints).toHaveLength(2);
      for (const resume of checkpoints)
        expect((await runBackend(name, spec, busyData, { resume })).curve).toBe(whole.curve);
    });

    it('no tensor is left in memory', async () => {
      await useBackend(name, testOptions);
      const before = tf.memory().numTensors;
      await runBackend(name, createBusyObjective(), busyData);
      expect(tf.memory().numTensors).toBe(before);
    });
  },
);
