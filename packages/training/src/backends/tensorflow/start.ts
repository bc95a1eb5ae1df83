import { availableParallelism } from 'node:os';
import { backendFolder } from '../installation.ts';
import { BackendUnavailable } from '../unavailable.ts';
import { loadTensorflow, readInstallation } from './addon.ts';
import { registerTensorflowKernels } from './kernels.ts';
import { DEFAULT_MODE, getModeLabel, readUserMode, toEnvironment, type OneDnnMode } from './one-dnn.ts';

export interface TensorflowOptions {
  /** The cache that the backend was installed into. */
  cacheDir: string;
  /** Threads that share one operation; all cores by default. */
  threads?: number;
  /** Whether it has to run on a GPU; where it cannot, that is an error and never a silent CPU. */
  gpu?: boolean;
  /** The GPU to use, as CUDA_VISIBLE_DEVICES names it (the addon takes the last one that it sees); all by default. */
  cudaDevice?: string;
  /** How to use oneDNN; by default as the user's environment says, otherwise fully. */
  oneDnn?: OneDnnMode | undefined;
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
  // oxlint-disable-next-line node/no-process-env -- TensorFlow's own variables
  oneDnn = readUserMode(process.env) ?? DEFAULT_MODE,
}: TensorflowOptions) {
  const installation = readInstallation(cacheDir);
  if (!installation) {
    throw new BackendUnavailable(
      'not-installed',
      `The backend tensorflow is not installed in ${cacheDir}. Install it once with: pnpm backend:install tensorflow`,
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
        `decide that. gradsmith doctor tells what is missing.`,
    );
  }
  const versions: Record<string, string> = { tensorflow: found.binding.TF_Version };
  const label = getModeLabel(oneDnn);
  if (label !== undefined) versions['onednn'] = label;
  return { threads, gpu: found.isUsingGpuDevice, versions };
}

/**
 * Sets the variables that TensorFlow reads when its library is loaded. The number of threads and oneDNN's kernels
 * change the order of sums, so both are part of the runtime. Other variables keep the values that the user has given
 * them.
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
  // TF32 would change the bits of results without a trace in the runtime.
  environment['NVIDIA_TF32_OVERRIDE'] = '0';
  if (cudaDevice !== undefined) environment['CUDA_VISIBLE_DEVICES'] = cudaDevice;
}

interface Pinned {
  threads: number;
  cudaDevice: string | undefined;
  oneDnn: OneDnnMode;
}
