import { registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { maxPoolGrad } from './max-pool-grad.ts';

/** Replaces kernels that the backend gets wrong. Must be called once, after the backend has started. */
export function registerWebgpuKernels(): void {
  unregisterKernel('MaxPoolGrad', 'webgpu');
  registerKernel({ kernelName: 'MaxPoolGrad', backendName: 'webgpu', kernelFunc: maxPoolGrad });
}
