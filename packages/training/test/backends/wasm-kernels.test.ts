import { engine, memory, reshape, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/backends/index.ts';
import { silenceTensorflow, randomSource, randomValues, relativeError, runOn, type Values } from './kernels.ts';

beforeAll(async () => {
  silenceTensorflow();
  await useBackend('cpu');
  await useBackend('wasm');
});

const random = randomSource(7);
const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;

async function measureDifference(kernel: string, inputs: Record<string, Values>, attrs: object): Promise<number> {
  const cpu = await runOn('cpu', kernel, inputs, attrs);
  return relativeError(await runOn('wasm', kernel, inputs, attrs), cpu);
}

interface Geometry {
  x: number[];
  filter: [number, number, number, number];
  strides: [number, number];
  pad: 'same' | 'valid' | [[number, number], [number, number], [number, number], [number, number]];
}

function randomGeometry(): Geometry {
  const [height, width] = [3 + Math.floor(random() * 9), 3 + Math.floor(random() * 9)];
  const [cin, cout] = [pick([1, 2, 3, 4, 5, 8, 13]), pick([1, 3, 4, 7, 8, 9, 16, 21])];
  const [fh, fw] = [pick([1, 2, 3]), pick([1, 2, 3])];
  const pads = (size: number): [number, number] => [Math.floor(random() * size), Math.floor(random() * size)];
  return {
    x: [pick([1, 2, 5, 70]), height, width, cin],
    filter: [fh, fw, cin, cout],
    strides: pick([
      [1, 1],
      [1, 1],
      [2, 2],
      [1, 2],
      [3, 2],
    ]),
    pad: pick([
      'same',
      'valid',
      [[0, 0], pads(fh), pads(fw), [0, 0]],
      [
        [0, 0],
        [3, 3],
        [3, 2],
        [0, 0],
      ],
    ]),
  };
}

async function outputShape({ x, filter, strides, pad }: Geometry): Promise<number[]> {
  const zeros = (shape: number[]): Values => ({ shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) });
  const attrs = { strides, pad, dataFormat: 'NHWC', dilations: [1, 1] };
  return (await runOn('cpu', 'Conv2D', { x: zeros(x), filter: zeros(filter) }, attrs)).shape;
}

describe('gradients of a convolution', () => {
  it.each(Array.from({ length: 40 }, (_, i) => i))('equal the cpu backend for random shapes (%i)', async () => {
    const geometry = randomGeometry();
    const { strides, pad, filter } = geometry;
    const dy = randomValues(random, await outputShape(geometry));
    const shared = { strides, pad, dataFormat: 'NHWC' };
    const x = randomValues(random, geometry.x);
    const note = JSON.stringify(geometry);
    expect(
      await measureDifference('Conv2DBackpropFilter', { x, dy }, { ...shared, filterShape: filter }),
      note,
    ).toBeLessThan(3e-6);
    const weights = randomValues(random, filter);
    const attrs = { ...shared, inputShape: geometry.x };
    expect(await measureDifference('Conv2DBackpropInput', { dy, filter: weights }, attrs), note).toBeLessThan(3e-6);
  });

  it('sum a batch of large images accurately', async () => {
    const x = randomValues(random, [24, 32, 32, 4], 0, 1);
    const dy = randomValues(random, [24, 32, 32, 8], 0, 1);
    const attrs = { strides: 1, pad: 'same', dataFormat: 'NHWC', filterShape: [3, 3, 4, 8] };
    expect(await measureDifference('Conv2DBackpropFilter', { x, dy }, attrs)).toBeLessThan(3e-6);
  }, 60_000);

  it('refuse channels-first data', async () => {
    const x = randomValues(random, [1, 2, 4, 4]);
    const attrs = { strides: 1, pad: 'same', dataFormat: 'NCHW', filterShape: [1, 1, 2, 2] };
    await expect(runOn('wasm', 'Conv2DBackpropFilter', { x, dy: x }, attrs)).rejects.toThrow('NHWC');
  });
});

describe('gradient of max pooling', () => {
  // Whole and half numbers create ties. Negative ranges create windows whose maximum is not positive.
  it.each([
    [-1, 1, 0],
    [-2, -1, 0],
    [-2, 0, 0.5],
    [-1, 1, 0.5],
    [0, 0, 0],
  ])('equals the cpu backend for values from %d to %d on a grid of %d', async (low, high, grid) => {
    for (let i = 0; i < 12; i++) {
      const x = randomValues(random, [2, 5 + i, 4 + (i % 5), pick([1, 3, 4, 6, 9])], low, high, grid);
      const attrs = { filterSize: pick([2, 3]), strides: pick([1, 2, 3]), pad: pick(['same', 'valid']) };
      const output = await runOn('cpu', 'MaxPool', { x }, attrs);
      const dy = randomValues(random, output.shape);
      expect(
        await measureDifference('MaxPoolGrad', { dy, input: x, output }, attrs),
        JSON.stringify(attrs),
      ).toBeLessThan(1e-6);
    }
  });
});

describe('matrix products', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('equal the cpu backend (transposeA %s, transposeB %s)', async (transposeA, transposeB) => {
    for (const [batch, m, k, n] of [
      [1, 3, 5, 7],
      [1, 100, 64, 10],
      [3, 4, 2, 6],
      [1, 1, 9, 1],
    ] as const) {
      const a = randomValues(random, transposeA ? [batch, k, m] : [batch, m, k]);
      const b = randomValues(random, transposeB ? [batch, n, k] : [batch, k, n]);
      expect(await measureDifference('BatchMatMul', { a, b }, { transposeA, transposeB })).toBeLessThan(3e-6);
    }
  });

  it('read the right matrix in the shape of each call', async () => {
    const values = randomValues(random, [4, 6]);
    const b = tensor(values.values, values.shape);
    const multiply = async (a: Values, shape: number[]) => {
      const right = reshape(b, shape);
      const attrs = { transposeA: false, transposeB: false };
      const product = engine().runKernel('BatchMatMul', { a: tensor(a.values, a.shape), b: right }, attrs) as Tensor;
      const expected = await runOn('cpu', 'BatchMatMul', { a, b: { shape, values: values.values } }, attrs);
      await useBackend('wasm');
      return relativeError({ shape: product.shape, values: await product.data<'float32'>() }, expected);
    };
    for (const [m, k, n] of [
      [3, 4, 6],
      [2, 1, 24],
      [3, 8, 3],
      [3, 4, 6],
    ] as const)
      expect(await multiply(randomValues(random, [m, k]), [k, n])).toBeLessThan(3e-6);
  });
});

it('kernels leave no tensor in memory', async () => {
  await useBackend('wasm');
  const backend = engine().backend;
  const x = tensor(randomValues(random, [2, 6, 6, 4]).values, [2, 6, 6, 4]);
  const filter = tensor(randomValues(random, [3, 3, 4, 4]).values, [3, 3, 4, 4]);
  const before = { ids: backend.numDataIds(), tensors: memory().numTensors };
  const dy = tensor(new Float32Array(2 * 3 * 3 * 4), [2, 3, 3, 4]);
  const attrs = { strides: [2, 2], pad: 'same', dataFormat: 'NHWC' };
  const results = [
    engine().runKernel('Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape: x.shape } as never),
    engine().runKernel('Conv2DBackpropFilter', { x, dy }, { ...attrs, filterShape: filter.shape } as never),
    engine().runKernel('MaxPoolGrad', { dy, input: x, output: dy }, { filterSize: 2, strides: 2, pad: 'valid' }),
    engine().runKernel('BatchMatMul', { a: filter, b: filter }, { transposeA: true, transposeB: true } as never),
  ];
  for (const each of [dy, ...results]) (each as Tensor).dispose();
  expect({ ids: backend.numDataIds(), tensors: memory().numTensors }).toEqual(before);
});
