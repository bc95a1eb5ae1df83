import { registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { maxPoolGrad } from './max-pool-grad.ts';

/** Puts our kernels in the place of those that the backend gets wrong. To be called once, after it has started. */
export function registerWebgpuKernels(): void {
  unregisterKernel('MaxPoolGrad', 'webgpu');
  registerKernel({ kernelName: 'MaxPoolGrad', backendName: 'webgpu', kernelFunc: maxPoolGrad });
}
