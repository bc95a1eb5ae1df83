import {
  engine,
  memory,
  setBackend,
  split,
  tensor,
  tensor1d,
  tensor2d,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { getKernelOps, useBackend } from '../../src/backends/index.ts';
import { portableOps, type Batch, type KernelOps } from '../../src/kernels/kernel-ops.ts';
import { silenceTensorflow, randomSource, randomValues, relativeError, type Values } from './kernels.ts';

beforeAll(async () => {
  silenceTensorflow();
  await useBackend('cpu');
  await useBackend('wasm');
});

const random = randomSource(11);
const shapes = [
  [7, 3],
  [100, 10],
  [2, 5, 6, 4],
  [3, 4, 4, 17],
  [64, 8, 8, 16],
  [5, 1, 1, 33],
];

async function readTensors(tensors: readonly Tensor[]): Promise<Values[]> {
  return Promise.all(tensors.map(async (each) => ({ shape: each.shape, values: (await each.data()) as Float32Array })));
}

/** Runs `compute` on wasm with its own operations and on cpu with portable ones. Returns the relative error. */
async function measureDifference(
  inputs: Values[],
  compute: (ops: KernelOps, tensors: Tensor[]) => Tensor[],
): Promise<number> {
  const results: Values[][] = [];
  for (const [backend, ops] of [
    ['wasm', getKernelOps('wasm')],
    ['cpu', portableOps],
  ] as const) {
    await setBackend(backend);
    results.push(
      await readTensors(
        compute(
          ops,
          inputs.map(({ shape, values }) => tensor(values, shape)),
        ),
      ),
    );
  }
  return Math.max(...results[0]!.map((each, i) => relativeError(each, results[1]![i]!)));
}

describe.each(shapes.map((shape) => [shape]))('on %j', (shape) => {
  const channels = shape.at(-1)!;
  const x = randomValues(random, shape, -1, 3);
  const dy = randomValues(random, shape);
  const scale = randomValues(random, [channels], 0.5, 2);
  const offset = randomValues(random, [channels]);
  const before = randomValues(random, [channels], 0.5, 2);
  const settings = { epsilon: 1e-5, momentum: 0.9 };

  it('batch norm and its gradient', async () => {
    expect(
      await measureDifference([x, scale, offset, before, before], (ops, [a, s, o, m, v]) => {
        const { y, moving } = ops.batchNorm(
          a as Batch,
          s as Tensor1D,
          o as Tensor1D,
          [m as Tensor1D, v as Tensor1D],
          settings,
        );
        return [y, ...moving];
      }),
    ).toBeLessThan(3e-6);
    expect(
      await measureDifference([dy, x, scale, offset, before], (ops, [d, a, s, o, m]) => {
        const { saved } = ops.batchNorm(
          a as Batch,
          s as Tensor1D,
          o as Tensor1D,
          [m as Tensor1D, m as Tensor1D],
          settings,
        );
        const { dx, dScale, dOffset } = ops.batchNormGrad(
          d as Batch,
          a as Batch,
          s as Tensor1D,
          settings.epsilon,
          saved,
        );
        return [dx, dScale, dOffset];
      }),
    ).toBeLessThan(1e-5);
  });

  it('gradient of ReLU, which is 0 at 0', async () => {
    const z = { shape, values: x.values.map((value, i) => (i % 5 === 0 ? 0 : value - 1)) };
    expect(await measureDifference([dy, z], (ops, [d, a]) => [ops.reluGrad(d as Batch, a as Batch)])).toBe(0);
  });

  it('sums over all but the channels', async () => {
    expect(await measureDifference([dy], (ops, [d]) => [ops.sumToChannels(d as Batch)])).toBeLessThan(3e-6);
  });
});

it('batch norm stays accurate if the mean is far from zero', async () => {
  const x = randomValues(random, [20_000, 4], 1000, 1001);
  await setBackend('wasm');
  const [ones, zeros] = [tensor1d([1, 1, 1, 1]), tensor1d([0, 0, 0, 0])];
  const {
    moving: [, variance],
  } = getKernelOps('wasm').batchNorm(tensor2d(x.values, [20_000, 4]), ones, zeros, [zeros, zeros], {
    epsilon: 1e-5,
    momentum: 0,
  });
  const exact = Array.from({ length: 4 }, (_, c) => {
    const column = [...x.values].filter((_, i) => i % 4 === c);
    const mean = column.reduce((a, b) => a + b, 0) / column.length;
    return column.reduce((a, b) => a + (b - mean) ** 2, 0) / (column.length - 1);
  });
  for (const [c, value] of (await variance.data()).entries())
    expect(Math.abs(value / exact[c]! - 1)).toBeLessThan(1e-4);
});

describe('split', () => {
  it.each([
    { axis: 0, sizes: [1, 2, 3] },
    { axis: 1, sizes: [3, 1] },
    { axis: 2, sizes: [5, 3] },
    { axis: -1, sizes: [5, 3] },
  ])('splits along axis $axis like the cpu backend', async ({ axis, sizes }) => {
    const x = randomValues(random, [6, 4, 8]);
    for (const pieces of [2, sizes]) {
      expect(await measureDifference([x], (_, [a]) => split(a!, pieces, axis))).toBe(0);
    }
  });
});

it('identity shares data and frees it with its last tensor', async () => {
  await useBackend('wasm');
  const before = { tensors: memory().numTensors, ids: engine().backend.numDataIds() };
  const x = tensor([1, 2, 3]);
  const y = engine().runKernel('Identity', { x }, {}) as Tensor;
  expect(engine().backend.numDataIds()).toBe(before.ids + 1);
  x.dispose();
  expect([...(await y.data())]).toEqual([1, 2, 3]);
  y.dispose();
  expect({ tensors: memory().numTensors, ids: engine().backend.numDataIds() }).toEqual(before);
});
