import { availableParallelism } from 'node:os';
import { backendFolder } from '../installation.ts';
import { BackendUnavailable } from '../unavailable.ts';
import { loadTensorflow, readInstallation } from './addon.ts';
import { registerTensorflowKernels } from './kernels.ts';
import { DEFAULT_MODE, getModeLabel, readUserMode, toEnvironment, type OneDnnMode } from './one-dnn.ts';

export interface TensorflowOptions {
  /** The cache in which the backend is installed. */
  cacheDir: string;
  /** Threads that share one operation; by default all cores. */
  threads?: number;
  /** Whether it must run on a GPU. If it cannot, it fails instead of using the CPU. */
  gpu?: boolean;
  /** The GPU to use, as in CUDA_VISIBLE_DEVICES; by default all. The addon uses the last visible one. */
  cudaDevice?: string;
  /** How to use oneDNN. By default as the environment says, otherwise in the default mode. */
  oneDnn?: OneDnnMode | undefined;
}

/**
 * Starts the installed addon with a fixed number of threads.
 *
 * @throws BackendUnavailable if it is not installed; the message says how to install it
 */
export async function startTensorflow({
  cacheDir,
  threads = availableParallelism(),
  gpu = false,
  cudaDevice,
  // oxlint-disable-next-line node/no-process-env -- TensorFlow's own variables
  oneDnn = readUserMode(process.env) ?? DEFAULT_MODE,
}: TensorflowOptions) {
  const installation = readInstallation(cacheDir);
  if (!installation) {
    throw new BackendUnavailable(
      'not-installed',
      `The backend tensorflow is not installed in ${cacheDir}. Install it once with: ` +
        'gradsmith backend install tensorflow',
    );
  }
  pinEnvironment({ threads, cudaDevice, oneDnn });
  const found = await loadTensorflow(backendFolder(cacheDir, 'tensorflow'), installation.addon);
  registerTensorflowKernels({ oneDnn: !found.isUsingGpuDevice && oneDnn.options !== '0' });
  if (gpu && !found.isUsingGpuDevice) {
    throw new BackendUnavailable(
      'no-gpu',
      `A GPU was asked for, but TensorFlow ${found.binding.TF_Version} (${installation.source}) sees ` +
        `none: the driver, the CUDA and cuDNN libraries it was built for, and CUDA_VISIBLE_DEVICES ` +
        `decide that. gradsmith doctor shows what is missing.`,
    );
  }
  const versions: Record<string, string> = { tensorflow: found.binding.TF_Version };
  const label = getModeLabel(oneDnn);
  if (label !== undefined) versions['onednn'] = label;
  return { threads, gpu: found.isUsingGpuDevice, versions };
}

/**
 * Sets the environment variables that TensorFlow reads when its library is loaded. The number of threads and oneDNN's
 * kernels change the order of sums, so both are part of the runtime. Other variables keep the user's values.
 */
function pinEnvironment({ threads, cudaDevice, oneDnn }: Pinned): void {
  // oxlint-disable-next-line node/no-process-env -- TensorFlow's own variables
  const environment = process.env;
  Object.assign(environment, {
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: String(threads),
    OMP_NUM_THREADS: String(threads),
    ...toEnvironment(oneDnn),
  });
  environment['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  environment['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  // TF32 would change the bits of results without appearing in the runtime.
  environment['NVIDIA_TF32_OVERRIDE'] = '0';
  if (cudaDevice !== undefined) environment['CUDA_VISIBLE_DEVICES'] = cudaDevice;
}

interface Pinned {
  threads: number;
  cudaDevice: string | undefined;
  oneDnn: OneDnnMode;
}
