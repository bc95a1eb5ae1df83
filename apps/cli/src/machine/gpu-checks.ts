import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bad, note, ok, type Check } from './check.ts';
import { readOutput } from './system-checks.ts';

/** What TensorFlow's kernels for NVIDIA GPUs load at run time, besides the driver's own library. */
const CUDA_LIBRARIES = [
  'libcudart.so.12',
  'libcublas.so.12',
  'libcublasLt.so.12',
  'libcufft.so.11',
  'libcurand.so.10',
  'libcusolver.so.11',
  'libcusparse.so.12',
  'libnvJitLink.so.12',
  'libcudnn.so.9',
  'libnccl.so.2',
] as const;

/**
 * The way from the hardware to a backend that trains on it, in the order in which a part is missing: device, driver,
 * CUDA libraries. A machine without an NVIDIA device is in order, unless the addon for GPUs was installed on it.
 */
export async function checkGpu(cacheDir: string): Promise<Check[]> {
  const wanted = await gpuAddonInstalled(cacheDir);
  const found = await readOutput('nvidia-smi', [
    '--query-gpu=name,memory.total,driver_version',
    '--format=csv,noheader',
  ]);
  if (found?.trim()) return [ok('GPU', found.trim().split('\n').join('; ')), ...(await checkCuda(wanted))];
  const complain = wanted ? bad : note;
  if (!existsSync('/dev/nvidiactl')) {
    if (!wanted) return [note('GPU', 'no NVIDIA GPU is seen; trials train on the processor')];
    return [
      bad(
        'GPU',
        'the GPU backend is installed, but this system shows no NVIDIA device',
        'in a container: start it with docker-compose.gpu.yml (or docker run --gpus all) on a host ' +
          'with the NVIDIA driver (570 or newer) and the NVIDIA Container Toolkit',
      ),
      ...(await checkCuda(wanted)),
    ];
  }
  return [
    complain(
      'GPU',
      'there is an NVIDIA device, but nvidia-smi does not answer',
      'install the NVIDIA driver (560 or newer), or, in a container, add "utility" to NVIDIA_DRIVER_CAPABILITIES',
    ),
    ...(await checkCuda(wanted)),
  ];
}

async function checkCuda(wanted: boolean): Promise<Check[]> {
  const libraries = await readOutput('sh', ['-c', 'PATH=$PATH:/sbin:/usr/sbin ldconfig -p']);
  if (libraries === null) return [note('CUDA', 'which libraries the loader finds could not be asked (ldconfig)')];
  const missing = ['libcuda.so.1', ...CUDA_LIBRARIES].filter((name) => !libraries.includes(`${name} `));
  if (!missing.length) return [ok('CUDA', 'driver library, CUDA 12 and cuDNN 9 are there')];
  if (!wanted)
    return [
      note(
        'CUDA',
        `not found: ${missing.join(', ')}`,
        'needed only by the GPU backend: gradsmith backend install tensorflow --gpu',
      ),
    ];
  return [
    bad(
      'CUDA',
      `not found: ${missing.join(', ')}`,
      'libcuda comes with the driver, the others with CUDA 12.5 or newer and cuDNN 9.3 or newer; the ' +
        'image worker-tensorflow-gpu has them all but libcuda',
    ),
  ];
}

async function gpuAddonInstalled(cacheDir: string): Promise<boolean> {
  try {
    return (await readFile(join(cacheDir, 'backends', 'tensorflow', 'installation.json'), 'utf8')).includes(
      'tfjs-node-gpu',
    );
  } catch {
    return false;
  }
}
