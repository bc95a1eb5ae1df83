import { availableParallelism } from 'node:os';
import { backendFolder } from '../installation.ts';
import { BackendUnavailable } from '../unavailable.ts';
import { loadTensorflow, readInstallation } from './addon.ts';
import { registerTensorflowKernels } from './kernels.ts';

export interface TensorflowOptions {
  /** The cache that the backend was installed into. */
  cacheDir: string;
  /** Threads that share one operation; all cores unless told. */
  threads?: number;
  /** Whether it has to run on a GPU; where it cannot, that is an error and never a silent CPU. */
  gpu?: boolean;
  /** The GPU to use, as CUDA_VISIBLE_DEVICES names it (the addon takes the last one that it sees); all unless told. */
  cudaDevice?: string;
}

/**
 * Starts the installed addon with its threads pinned. @throws BackendUnavailable that says how to install it where it
 * is not
 */
export async function startTensorflow({
  cacheDir,
  threads = availableParallelism(),
  gpu = false,
  cudaDevice,
}: TensorflowOptions) {
  const installation = readInstallation(cacheDir);
  if (!installation) {
    throw new BackendUnavailable(
      'not-installed',
      `The backend tensorflow is not installed in ${cacheDir}. Install it once with: pnpm backend:install tensorflow`,
    );
  }
  pinEnvironment(threads, cudaDevice);
  const found = await loadTensorflow(backendFolder(cacheDir, 'tensorflow'), installation.addon);
  registerTensorflowKernels({ gpu: found.isUsingGpuDevice });
  if (gpu && !found.isUsingGpuDevice) {
    throw new BackendUnavailable(
      'no-gpu',
      `A GPU was asked for, but TensorFlow ${found.binding.TF_Version} (${installation.source}) sees none: the driver, the CUDA and cuDNN libraries it was built for, and CUDA_VISIBLE_DEVICES decide that. gradsmith doctor tells what is missing.`,
    );
  }
  return { threads, gpu: found.isUsingGpuDevice, versions: { tensorflow: found.binding.TF_Version } };
}

/**
 * TensorFlow reads these when its library is loaded. The number of threads and oneDNN's kernels change the order of
 * sums, so both are set and part of the fingerprint.
 */
function pinEnvironment(threads: number, cudaDevice: string | undefined): void {
  // oxlint-disable-next-line node/no-process-env -- written for the library, never read
  Object.assign(process.env, {
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: String(threads),
    OMP_NUM_THREADS: String(threads),
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    NVIDIA_TF32_OVERRIDE: '0',
    ...(cudaDevice === undefined ? {} : { CUDA_VISIBLE_DEVICES: cudaDevice }),
  });
}
