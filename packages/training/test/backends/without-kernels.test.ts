// Shows why each of our kernels exists: without it, the wasm backend fails or is wrong. If one of these tests fails
// after an update of TensorFlow.js, the backend is fixed and our kernel can be removed. Speed alone is the reason for
// Conv2DBackpropInput and BatchMatMul.
import '@tensorflow/tfjs-backend-wasm';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { backend, getKernel, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { registerWasmKernels } from '../../src/backends/wasm/register.ts';
import { silenceTensorflow, runOn } from './kernels.ts';

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
