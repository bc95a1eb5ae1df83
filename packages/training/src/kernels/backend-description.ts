import type { Device } from '@gradsmith/core/ports';

/** Where tensors live and kernels run; what a job's `backend` names, except `auto`. */
export type BackendName = 'wasm' | 'cpu' | 'tensorflow' | 'webgpu';

export const backendNames: readonly BackendName[] = ['wasm', 'cpu', 'tensorflow', 'webgpu'];

/** Everything about a backend that can change the bits of a result. */
export interface BackendDescription {
  name: BackendName;
  /** Of every tensor; none of the backends trains in anything narrower. */
  precision: 'float32';
  /** Where it computes. `software`: a WebGPU adapter that is emulated on the CPU. */
  device: Device;
  /** Threads that share one kernel's work. */
  threads: number;
  /** Whether vector instructions are used (wasm), since they change the order of sums. */
  simd: boolean;
  /** The same job gives the same bits again, in another process too. */
  deterministic: boolean;
  /** Libraries and the kernels of our own, by name. */
  versions: Readonly<Record<string, string>>;
}

/**
 * The description in one line, e.g. `wasm float32 cpu threads=1 simd=true kernels=1a2b3c4d tfjs=4.22.0`. Two workers
 * with equal lines give a job the same bits (where the backend is deterministic), so a job is pinned to one such line.
 */
export function formatRuntime(description: BackendDescription): string {
  const { name, precision, device, threads, simd, versions } = description;
  const libraries = Object.keys(versions)
    .sort()
    .map((library) => `${library}=${versions[library]}`);
  // Jobs are pinned to this text, so it calls software what it always did.
  const unit = device === 'gpu' ? 'gpu' : 'cpu';
  return [name, precision, unit, `threads=${threads}`, `simd=${simd}`, ...libraries].join(' ');
}
