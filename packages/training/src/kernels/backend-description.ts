import type { Device } from '@gradsmith/core/ports';

/** Where tensors live and kernels run: the values of a job's `backend`, except `auto`. */
export type BackendName = 'wasm' | 'cpu' | 'tensorflow' | 'webgpu';

export const backendNames: readonly BackendName[] = ['wasm', 'cpu', 'tensorflow', 'webgpu'];

/** Everything about a backend that can change the bits of a result. */
export interface BackendDescription {
  name: BackendName;
  /** Precision of every tensor. No backend trains with less. */
  precision: 'float32';
  /** Where it computes. `software` is a WebGPU adapter that is emulated on the CPU. */
  device: Device;
  /** Threads that share the work of one kernel. */
  threads: number;
  /** Whether vector instructions are used (wasm). They change the order of sums. */
  simd: boolean;
  /** Whether the same job gives the same bits again, also in another process. */
  deterministic: boolean;
  /** Versions of the libraries and of Gradsmith's kernels, by name. */
  versions: Readonly<Record<string, string>>;
}

/**
 * Formats the description as one line, e.g. `wasm float32 cpu threads=1 simd=true kernels=1a2b3c4d tfjs=4.22.0`. Two
 * workers with equal lines give a job the same bits if the backend is deterministic. A job is pinned to one such line.
 */
export function formatRuntime(description: BackendDescription): string {
  const { name, precision, device, threads, simd, versions } = description;
  const libraries = Object.keys(versions)
    .sort()
    .map((library) => `${library}=${versions[library]}`);
  // Jobs are pinned to this text, so its wording for software must not change.
  const unit = device === 'gpu' ? 'gpu' : 'cpu';
  return [name, precision, unit, `threads=${threads}`, `simd=${simd}`, ...libraries].join(' ');
}
