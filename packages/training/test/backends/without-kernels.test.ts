// Shows why each of our kernels exists: without it, the wasm backend fails, is wrong or is slow. If one of these
// tests fails after an update of TensorFlow.js, the backend is fixed and our kernel can be removed.
import '@tensorflow/tfjs-backend-wasm';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { backend, engine, getKernel, setBackend, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { registerWasmKernels } from '../../src/backends/wasm/register.ts';
import { measureFastest, silenceTensorflow, randomSource, randomValues, runOn } from './kernels.ts';

const random = randomSource(3);

beforeAll(async () => {
  silenceTensorflow();
  await setBackend('wasm');
  const all = ['Conv2DBackpropFilter', 'Conv2DBackpropInput', 'MaxPoolGrad', 'BatchMatMul'];
  await registerWasmKernels(backend() as unknown as BackendWasm, all);
});

it('Conv2DBackpropFilter is missing', () => {
  expect(getKernel('Conv2DBackpropFilter', 'wasm')).toBeUndefined();
});

it('MaxPoolGrad is wrong for a window without a positive value', async () => {
  const input = { shape: [1, 2, 2, 1], values: Float32Array.of(-4, -3, -2, -1) };
  const dy = { shape: [1, 1, 1, 1], values: Float32Array.of(1) };
  const dx = await runOn('wasm', 'MaxPoolGrad', { dy, input, output: dy }, { filterSize: 2, strides: 2, pad: 'valid' });
  expect([...dx.values]).not.toEqual([0, 0, 0, 1]);
});

it('MaxPoolGrad gives a tie to the last maximum', async () => {
  const input = { shape: [1, 2, 2, 1], values: Float32Array.of(1, 1, 1, 1) };
  const dy = { shape: [1, 1, 1, 1], values: Float32Array.of(1) };
  const dx = await runOn('wasm', 'MaxPoolGrad', { dy, input, output: dy }, { filterSize: 2, strides: 2, pad: 'valid' });
  expect([...dx.values]).not.toEqual([1, 0, 0, 0]);
});

it('BatchMatMul is slow with a transposed factor', () => {
  const a = tensor(randomValues(random, [1, 300, 300]).values, [1, 300, 300]);
  const time = (transposeA: boolean, transposeB: boolean) =>
    measureFastest(3, () =>
      (engine().runKernel('BatchMatMul', { a, b: a }, { transposeA, transposeB }) as Tensor).dispose(),
    );
  expect(time(true, false)).toBeGreaterThan(4 * time(false, false));
});

it('Conv2DBackpropInput is slow', () => {
  const x = tensor(randomValues(random, [8, 24, 24, 32]).values, [8, 24, 24, 32]);
  const filter = tensor(randomValues(random, [3, 3, 32, 32]).values, [3, 3, 32, 32]);
  const shared = { strides: [1, 1] as [number, number], pad: 'same', dataFormat: 'NHWC' };
  const time = (kernel: string, inputs: Record<string, Tensor>, attrs: object) =>
    measureFastest(3, () => (engine().runKernel(kernel, inputs, attrs as never) as Tensor).dispose());
  const forward = time('Conv2D', { x, filter }, { ...shared, dilations: [1, 1] });
  expect(time('Conv2DBackpropInput', { dy: x, filter }, { ...shared, inputShape: x.shape })).toBeGreaterThan(
    4 * forward,
  );
});
