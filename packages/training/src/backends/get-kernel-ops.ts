import type { BackendName } from '../kernels/backend-description.ts';
import { portableOps, type KernelOps } from '../kernels/kernel-ops.ts';
import { tensorflowOps } from './tensorflow/training-ops.ts';
import { wasmOps } from './wasm/training-ops.ts';

const opsByBackend: Record<BackendName, KernelOps> = {
  wasm: wasmOps,
  cpu: portableOps,
  tensorflow: tensorflowOps,
  webgpu: portableOps,
};

/** Returns the fastest implementation of the training steps for a backend. */
export function getKernelOps(name: BackendName): KernelOps {
  return opsByBackend[name];
}
