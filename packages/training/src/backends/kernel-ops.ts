import { portableOps, type KernelOps } from '../engine/kernel-ops.ts';
import type { BackendName } from './backend.ts';
import { tensorflowOps } from './tensorflow/training-ops.ts';
import { wasmOps } from './wasm/training-ops.ts';

/** The fastest way each backend has for the steps of a training. */
const perBackend: Record<BackendName, KernelOps> = {
  wasm: wasmOps,
  cpu: portableOps,
  tensorflow: tensorflowOps,
  webgpu: portableOps,
};

export function kernelOps(name: BackendName): KernelOps {
  return perBackend[name];
}
