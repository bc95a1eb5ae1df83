import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { getKernel, registerKernel, unregisterKernel, type KernelFunc } from '@tensorflow/tfjs-core';
import { batchMatMul } from './batch-mat-mul.ts';
import { conv2DBackpropFilter } from './conv2d-backprop-filter.ts';
import { conv2DBackpropInput } from './conv2d-backprop-input.ts';
import { identity } from './identity.ts';
import { maxPoolGrad } from './max-pool-grad.ts';
import { loadNativeKernels, type WasmMemory } from './native.ts';
import { splitV } from './split.ts';
import { registerTrainingOps } from './training-ops.ts';

/**
 * Replaces kernels of the wasm backend that are missing, wrong or slow, and adds those of `wasmOps`. Must be called
 * once, after the backend has started. `except` omits some, so that a test can show what each one fixes.
 */
export async function registerWasmKernels(backend: BackendWasm, except: readonly string[] = []): Promise<void> {
  const native = await loadNativeKernels(getWasmMemory(backend));
  registerTrainingOps(native);
  const kernels = [
    conv2DBackpropFilter(native),
    conv2DBackpropInput(native),
    maxPoolGrad(native),
    batchMatMul(),
    identity(),
    splitV(),
  ];
  for (const kernel of kernels) {
    if (except.includes(kernel.name)) continue;
    const original = findKernel(kernel.name);
    if (original) unregisterKernel(kernel.name, 'wasm');
    registerKernel({ kernelName: kernel.name, backendName: 'wasm', kernelFunc: kernel.make(original) });
  }
}

function findKernel(name: string): KernelFunc | undefined {
  // Typed as always present, but undefined if the backend lacks the kernel.
  const found: { kernelFunc: KernelFunc } | undefined = getKernel(name, 'wasm');
  return found?.kernelFunc;
}

/** Emscripten keeps the exports of the module, including its memory, in `asm`, which the typings omit. */
function getWasmMemory(backend: BackendWasm): WasmMemory {
  const { asm } = backend.wasm as unknown as { asm?: { memory?: WasmMemory } };
  if (asm?.memory?.buffer) return asm.memory;
  throw new Error(
    'The wasm backend does not show its memory (Module.asm.memory). ' +
      'This version of @tensorflow/tfjs-backend-wasm is not the one that Gradsmith pins: install with the lock file.',
  );
}
