import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { backend, env, setBackend, version_core } from '@tensorflow/tfjs-core';
import type { BackendDescription, BackendName } from '../kernels/backend-description.ts';
import type { OneDnnMode } from './tensorflow/one-dnn.ts';
import { BackendUnavailable } from './unavailable.ts';
import { kernelVersion } from './wasm/kernels.generated.ts';
import { registerWasmKernels } from './wasm/register.ts';

export interface BackendOptions {
  /** The cache in which optional backends are installed; wasm and cpu need none. */
  cacheDir?: string;
  /** Threads that share one operation, if the backend supports several; by default all cores. */
  threads?: number;
  /** Refuse to start if there is no GPU. */
  gpu?: boolean;
  /** The NVIDIA GPU to use, as in CUDA_VISIBLE_DEVICES; by default all. */
  cudaDevice?: string;
  /** tensorflow: how to use oneDNN, see `chooseOneDnnMode`. */
  oneDnn?: OneDnnMode | undefined;
}

const started = new Map<BackendName, Promise<BackendDescription>>();

/**
 * Starts a backend and makes it the current one. A backend starts once per process, with the options of the first call.
 * The wasm binary comes from the installed package.
 *
 * @throws BackendUnavailable if the backend cannot start as requested. No other backend replaces it, and no CPU
 *   replaces a GPU.
 */
export async function useBackend(name: BackendName, options: BackendOptions = {}): Promise<BackendDescription> {
  let description = started.get(name);
  if (!description) {
    description = starters[name](options);
    started.set(name, description);
    description.catch(() => started.delete(name));
  }
  const result = await description;
  await selectBackend(name);
  return result;
}

const starters: Record<BackendName, (options: BackendOptions) => Promise<BackendDescription>> = {
  async cpu({ gpu }) {
    refuseGpu('cpu', gpu);
    await import('@tensorflow/tfjs-backend-cpu');
    await selectBackend('cpu');
    return describeBackend('cpu', { threads: 1, simd: false, versions: {} });
  },

  async wasm({ gpu }) {
    refuseGpu('wasm', gpu);
    const { getThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
    await selectBackend('wasm');
    await registerWasmKernels(backend() as unknown as BackendWasm);
    const simd = Boolean(await env().getAsync('WASM_HAS_SIMD_SUPPORT'));
    return describeBackend('wasm', { threads: getThreadsCount(), simd, versions: { kernels: kernelVersion } });
  },

  async tensorflow({ cacheDir, ...options }) {
    requireCache('tensorflow', cacheDir);
    // The only import that needs Node: the rest of this file works in a browser.
    const { startTensorflow } = await import('./tensorflow/start.ts');
    const found = await startTensorflow({ cacheDir, ...options });
    const onGpu = found.gpu ? { device: 'gpu' as const, deterministic: false } : {};
    return describeBackend('tensorflow', { threads: found.threads, simd: true, versions: found.versions, ...onGpu });
  },

  async webgpu({ cacheDir, threads: shared, gpu, cudaDevice }) {
    requireCache('webgpu', cacheDir);
    const { startWebgpu } = await import('./webgpu/start.ts');
    const { software, threads, versions } = await startWebgpu({ cacheDir, threads: shared, gpu, cudaDevice });
    return describeBackend('webgpu', {
      threads,
      simd: true,
      versions,
      device: software ? 'software' : 'gpu',
      deterministic: software,
    });
  },
};

function requireCache(name: BackendName, cacheDir: string | undefined): asserts cacheDir is string {
  if (cacheDir === undefined) throw new Error(`The backend ${name} is loaded from a cache folder: name one.`);
}

function refuseGpu(name: BackendName, gpu: boolean | undefined): void {
  if (gpu) throw new BackendUnavailable('no-gpu', `A GPU was asked for, but the backend ${name} computes on the CPU.`);
}

async function selectBackend(name: BackendName): Promise<void> {
  if (await setBackend(name)) return;
  throw new Error(`The TensorFlow.js backend '${name}' did not start.`);
}

type Found = Pick<BackendDescription, 'threads' | 'simd' | 'versions'> &
  Partial<Pick<BackendDescription, 'device' | 'deterministic'>>;

function describeBackend(name: BackendName, found: Found): BackendDescription {
  const versions = { tfjs: version_core, ...found.versions };
  return { name, precision: 'float32', device: 'cpu', deterministic: true, ...found, versions };
}
