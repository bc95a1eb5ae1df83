import {
  fused,
  matMul,
  memory,
  reshape,
  setBackend,
  tensor,
  tidy,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { getKernelOps, useBackend } from '../../src/backends/index.ts';
import { portableOps, type Batch } from '../../src/kernels/kernel-ops.ts';
import { isInstalled, testOptions } from './installed.ts';
import { silenceTensorflow, randomSource, randomValues, relativeError, runOn } from './kernels.ts';

describe.skipIf(!isInstalled('tensorflow'))('the backend tensorflow', () => {
  beforeAll(async () => {
    silenceTensorflow();
    await useBackend('cpu');
    await useBackend('tensorflow', testOptions);
  });

  it('describes itself, and computes on the CPU', async () => {
    const description = await useBackend('tensorflow', testOptions);
    expect(description).toMatchObject({ name: 'tensorflow', device: 'cpu', threads: 1, deterministic: true });
    expect(description.versions['tensorflow']).toMatch(/^2\.\d+\.\d+$/);
  });

  it.each([
    [[64, 5], 0.9],
    [[8, 6, 6, 12], 0.95],
    [[100, 3, 3, 1], 0.5],
    [[4, 2, 2, 3], 0],
    [[9, 5], 0.999],
  ])('has fused operations equal to the portable ones on %j with momentum %d', async (shape, momentum) => {
    const random = randomSource(5);
    const channels = shape.at(-1)!;
    const of = (size: number[], low: number, high: number) =>
      tensor(randomValues(random, size, low, high).values, size);
    const [x, dy, scale, offset] = [of(shape, -1, 3), of(shape, -1, 1), of([channels], 0.5, 2), of([channels], -1, 1)];
    const [mean, variance] = [of([channels], -1, 3) as Tensor1D, of([channels], 0, 2) as Tensor1D];
    const before = memory().numTensors;
    const results = [getKernelOps('tensorflow'), portableOps].map((ops) =>
      tidy(() => {
        const { y, moving, saved } = ops.batchNorm(
          x as Batch,
          scale as Tensor1D,
          offset as Tensor1D,
          [mean, variance],
          { epsilon: 1e-5, momentum },
        );
        const { dx, dScale, dOffset } = ops.batchNormGrad(dy as Batch, x as Batch, scale as Tensor1D, 1e-5, saved);
        return [
          y,
          ...moving,
          dx,
          dScale,
          dOffset,
          ops.reluGrad(dy as Batch, x as Batch),
          ops.sumToChannels(dy as Batch),
        ];
      }),
    );
    const read = async (each: Tensor) => ({ shape: each.shape, values: (await each.data()) as Float32Array });
    for (const [i, ours] of results[0]!.entries()) {
      expect(relativeError(await read(ours), await read(results[1]![i]!)), `result ${i}`).toBeLessThan(2e-5);
    }
    expect(memory().numTensors).toBe(before + results.flat().length);
  });

  it('has a cross entropy equal to the portable one, also for logits far apart', async () => {
    const random = randomSource(6);
    const logits = tensor(randomValues(random, [40, 10], -80, 80).values, [40, 10]) as Tensor2D;
    const labels = tensor(
      Float32Array.from({ length: 400 }, (_, i) => Number(i % 10 === Math.floor(i / 10) % 10)),
      [40, 10],
    ) as Tensor2D;
    const [ours, portable] = [getKernelOps('tensorflow'), portableOps].map((ops) =>
      tidy(() => ops.softmaxCrossEntropy(logits, labels)),
    );
    expect((await ours!.loss.data())[0]).toBeCloseTo((await portable!.loss.data())[0]!, 4);
    const read = async (each: Tensor) => ({ shape: each.shape, values: (await each.data()) as Float32Array });
    expect(relativeError(await read(ours!.dLogits), await read(portable!.dLogits))).toBeLessThan(1e-5);
  });

  // Whole and half numbers create ties. Negative ranges create windows whose maximum is not positive.
  it.each([
    [-1, 1, 0],
    [-2, -1, 0],
    [-2, 0, 0.5],
    [-1, 1, 0.5],
    [0, 0, 0],
  ])(
    'its gradient of max pooling equals the cpu backend’s for values from %d to %d on a grid of %d',
    async (low, high, grid) => {
      const random = randomSource(7);
      for (let i = 0; i < 36; i++) {
        const x = randomValues(
          random,
          [2, 5 + (i % 12), 4 + (i % 5), [1, 3, 4, 6, 9, 16, 32][i % 7]!],
          low,
          high,
          grid,
        );
        const attrs = { filterSize: 2 + (i % 2), strides: 1 + (i % 3), pad: i % 4 < 2 ? 'same' : 'valid' };
        const output = await runOn('cpu', 'MaxPool', { x }, attrs);
        const inputs = { dy: randomValues(random, output.shape), input: x, output };
        const [ours, portable] = [
          await runOn('tensorflow', 'MaxPoolGrad', inputs, attrs),
          await runOn('cpu', 'MaxPoolGrad', inputs, attrs),
        ];
        expect(relativeError(ours, portable), JSON.stringify(attrs)).toBeLessThan(1e-6);
      }
    },
  );

  const matrix = (random: () => number, shape: number[]) => tensor(randomValues(random, shape).values, shape);
  it.each<[string, (random: () => number) => Tensor]>([
    ['a product', (random) => matMul(matrix(random, [5, 7]), matrix(random, [7, 3]))],
    ['a product of transposes', (random) => matMul(matrix(random, [7, 5]), matrix(random, [3, 7]), true, true)],
    ['a product of batches', (random) => matMul(matrix(random, [2, 5, 7]), matrix(random, [2, 7, 3]))],
    ['a reshape with a side left open', (random) => reshape(matrix(random, [4, 6]), [-1, 3, 2])],
    ['a reshape to the shape that it has', (random) => reshape(matrix(random, [4, 6]), [4, 6])],
    ['a reshape of a vector to a vector', (random) => reshape(matrix(random, [6]), [-1])],
    ['a reshape to a scalar', (random) => reshape(matrix(random, [1, 1]), [])],
    [
      'a convolution with a bias',
      (random) =>
        fused.conv2d({
          x: matrix(random, [2, 5, 5, 3]) as Tensor4D,
          filter: matrix(random, [3, 3, 3, 4]) as Tensor4D,
          bias: matrix(random, [4]),
          strides: 1,
          pad: 'same',
        }),
    ],
    [
      'a convolution with an activation',
      (random) =>
        fused.conv2d({
          x: matrix(random, [2, 5, 5, 3]) as Tensor4D,
          filter: matrix(random, [3, 3, 3, 4]) as Tensor4D,
          bias: matrix(random, [4]),
          strides: 1,
          pad: 'same',
          activation: 'relu',
        }),
    ],
  ])('computes %s like the cpu backend and leaves no tensor in memory', async (_, compute) => {
    const results = [];
    for (const backend of ['tensorflow', 'cpu'] as const) {
      await useBackend(backend, testOptions);
      const before = memory().numTensors;
      const result = tidy(() => compute(randomSource(7)));
      expect(memory().numTensors).toBe(before + 1);
      results.push({ shape: result.shape, values: (await result.data()) as Float32Array });
    }
    await setBackend('tensorflow');
    expect(relativeError(results[0]!, results[1]!)).toBeLessThan(1e-6);
  });
});
