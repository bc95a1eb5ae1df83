import { memory, tensor, tidy, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { kernelOps, useBackend } from '../../src/backends/index.ts';
import { portableOps, type Batch } from '../../src/engine/kernel-ops.ts';
import { isInstalled, testOptions } from './installed.ts';
import { quiet, randomSource, randomValues, relativeError } from './kernels.ts';

describe.skipIf(!isInstalled('tensorflow'))('the backend tensorflow', () => {
  beforeAll(async () => {
    quiet();
    await useBackend('tensorflow', testOptions);
  });

  it('describes itself, and is no GPU in disguise', async () => {
    const description = await useBackend('tensorflow', testOptions);
    expect(description).toMatchObject({ name: 'tensorflow', device: 'cpu', threads: 1, deterministic: true });
    expect(description.versions['tensorflow']).toMatch(/^2\.\d+\.\d+$/);
  });

  it.each([[[64, 5]], [[8, 6, 6, 12]], [[100, 3, 3, 1]]])('its fused operations equal the portable ones on %j', async (shape) => {
    const random = randomSource(5);
    const channels = shape.at(-1)!;
    const of = (size: number[], low: number, high: number) => tensor(randomValues(random, size, low, high).values, size);
    const [x, dy, scale, offset] = [of(shape, -1, 3), of(shape, -1, 1), of([channels], 0.5, 2), of([channels], -1, 1)];
    const before = memory().numTensors;
    const results = [kernelOps('tensorflow'), portableOps].map((ops) => tidy(() => {
      const forward = ops.batchNorm(x as Batch, scale as Tensor1D, offset as Tensor1D, 1e-5);
      const { dx, dScale, dOffset } = ops.batchNormGrad(dy as Batch, x as Batch, scale as Tensor1D, 1e-5, forward);
      const { y, mean, variance } = forward;
      return [y, mean, variance, dx, dScale, dOffset, ops.reluGrad(dy as Batch, x as Batch), ops.sumToChannels(dy as Batch)];
    }));
    const read = async (each: Tensor) => ({ shape: each.shape, values: (await each.data()) as Float32Array });
    for (const [i, fused] of results[0]!.entries()) {
      expect(relativeError(await read(fused), await read(results[1]![i]!)), `result ${i}`).toBeLessThan(2e-5);
    }
    expect(memory().numTensors).toBe(before + results.flat().length);
  });

  it('its cross entropy equals the portable one, for logits far apart too', async () => {
    const random = randomSource(6);
    const logits = tensor(randomValues(random, [40, 10], -80, 80).values, [40, 10]) as Tensor2D;
    const labels = tensor(Float32Array.from({ length: 400 }, (_, i) => Number(i % 10 === Math.floor(i / 10) % 10)), [40, 10]) as Tensor2D;
    const [fused, portable] = [kernelOps('tensorflow'), portableOps].map((ops) => tidy(() => ops.softmaxCrossEntropy(logits, labels)));
    expect((await fused!.loss.data())[0]).toBeCloseTo((await portable!.loss.data())[0]!, 4);
    const read = async (each: Tensor) => ({ shape: each.shape, values: (await each.data()) as Float32Array });
    expect(relativeError(await read(fused!.dLogits), await read(portable!.dLogits))).toBeLessThan(1e-5);
  });
});
