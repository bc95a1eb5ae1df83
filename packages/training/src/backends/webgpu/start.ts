import { availableParallelism } from 'node:os';
import { backend, env, setBackend } from '@tensorflow/tfjs-core';
import { backendFolder } from '../installation.ts';
import { BackendUnavailable } from '../unavailable.ts';
import { adapterVersions, findAdapter, isSoftware } from './adapter.ts';
import { loadDawn, loadTfjsBackend, readWebgpu, type GpuDevice, type WebgpuBackend } from './package.ts';
import { registerWebgpuKernels } from './register.ts';

export interface WebgpuOptions {
  /** The cache in which the backend is installed. */
  cacheDir: string;
  /** Threads of a software adapter; by default all cores. */
  threads?: number;
  /** Whether it must run on a GPU; software is then refused. */
  gpu?: boolean;
  /** Not supported: WebGPU cannot select one of several GPUs. */
  cudaDevice?: string;
}

export interface WebgpuFound {
  software: boolean;
  threads: number;
  versions: { dawn: string; adapter: string; driver: string };
}

/**
 * Starts the installed backend.
 *
 * @throws BackendUnavailable with what is missing and how to install it
 */
export async function startWebgpu({ cacheDir, cudaDevice, ...options }: WebgpuOptions): Promise<WebgpuFound> {
  if (cudaDevice !== undefined) {
    throw new BackendUnavailable(
      'no-gpu',
      'The backend webgpu cannot choose its GPU, so none can be leased for it: set ' +
        'GRADSMITH_GPU=require instead of lease, and all slots share the GPU.',
    );
  }
  if (!readWebgpu(cacheDir)) {
    throw new BackendUnavailable(
      'not-installed',
      `The backend webgpu is not installed in ${cacheDir}. Install it once with: gradsmith backend install webgpu`,
    );
  }
  return startFrom(backendFolder(cacheDir, 'webgpu'), options);
}

/** Starts the backend from the folder of an installation. */
export async function startFrom(
  folder: string,
  { threads = availableParallelism(), gpu = false }: Omit<WebgpuOptions, 'cacheDir' | 'cudaDevice'>,
): Promise<WebgpuFound> {
  // Mesa's software driver reads this variable when it is loaded.
  // oxlint-disable-next-line node/no-process-env -- written for the library, never read
  process.env['LP_NUM_THREADS'] = String(threads);
  const dawn = await loadDawn(folder);
  const instance = dawn.create([]);
  const adapter = await findAdapter(instance, gpu);
  // TensorFlow.js looks up classes, constants and the adapter by their browser names. Dawn lives as long as something
  // holds its instance.
  Object.assign(globalThis, dawn.globals);
  Object.defineProperty(navigator, 'gpu', {
    configurable: true,
    value: { requestAdapter: async () => adapter, instance },
  });
  loadTfjsBackend(folder);
  // Otherwise TensorFlow.js computes small tensors in JavaScript if they happen to be in memory. A resumed training
  // would then not have the same bits.
  env().set('WEBGPU_CPU_FORWARD', false);
  if (!(await setBackend('webgpu'))) throw new Error(`The WebGPU backend in ${folder} did not start.`);
  const started = backend() as unknown as WebgpuBackend;
  endOnFault(started.device);
  registerWebgpuKernels();
  const software = isSoftware(adapter.info);
  return {
    software,
    threads: software ? threads : 1,
    versions: { dawn: dawn.version, ...adapterVersions(adapter.info) },
  };
}

/** Ends the process after a failed allocation or a lost device. Otherwise, results would silently become zeros. */
function endOnFault(device: GpuDevice): void {
  const end = (what: string) =>
    setImmediate(() => {
      throw new Error(`WebGPU: ${what}`);
    });
  device.addEventListener('uncapturederror', ({ error }) => end(error.message));
  void device.lost.then(
    ({ reason, message }) => reason !== 'destroyed' && end(`the device was lost (${reason}): ${message}`),
  );
}
