import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readInstallation, tensorflowFolder, type AddonPackage, type Installation } from '../backends/tensorflow/addon.ts';
import { buildAddon, installPackage } from './addon-build.ts';
import { takeLibraries } from './libraries.ts';
import { trainOnce } from './verify.ts';

export interface InstallOptions {
  /** The cache; the backend goes into `backends/tensorflow` there. */
  cacheDir: string;
  /** The TensorFlow libraries: a folder or a .tar.gz of the C library, or a wheel (.whl); fetched with pip unless told. */
  from?: string;
  /** Builds the package for NVIDIA GPUs, and takes the libraries with CUDA unless told. */
  gpu?: boolean;
  /** Told what begins, in a sentence. */
  onStep?: (step: string) => void;
}

/** Backends that are not part of the workspace's own installation. */
export const installableBackends = ['tensorflow'] as const;
export type InstallableBackend = (typeof installableBackends)[number];

/** What is built and what it is built on. Both packages have the same sources; the libraries decide where they compute. */
const variants: Record<'cpu' | 'gpu', { addon: AddonPackage; wheel: string }> = {
  // About 270 MB.
  cpu: { addon: '@tensorflow/tfjs-node', wheel: 'tensorflow-cpu' },
  // About 600 MB, with kernels for CUDA 12; the CUDA and cuDNN libraries come from the system.
  gpu: { addon: '@tensorflow/tfjs-node-gpu', wheel: 'tensorflow' },
};

/**
 * Builds the TensorFlow addon of TensorFlow.js against current TensorFlow libraries and keeps it in the cache. It takes
 * its place only after it has trained a network; until then, and where anything fails, what was there before stays.
 *
 * Needs npm with its registry, a C++ compiler with make and Python 3 (node-gyp), and pip where no libraries are given.
 * @returns the version of TensorFlow @throws Error that names the step that failed
 */
export async function installBackend(name: InstallableBackend, options: InstallOptions): Promise<string> {
  const { cacheDir, from, gpu = false, onStep = () => {} } = options;
  const { addon, wheel } = variants[gpu ? 'gpu' : 'cpu'];
  const target = tensorflowFolder(cacheDir);
  const folder = `${target}.${randomUUID()}`;
  mkdirSync(folder, { recursive: true });
  try {
    onStep('Fetching the addon sources from the npm registry');
    const addonFolder = await installPackage(folder, addon);
    onStep(from ? `Taking the TensorFlow libraries from ${from}` : `Fetching the TensorFlow libraries (the wheel ${wheel}) with pip`);
    const source = await takeLibraries(join(addonFolder, 'deps'), from, wheel);
    onStep('Compiling the addon');
    await buildAddon(addonFolder);
    onStep('Training a network with it');
    const version = await trainOnce(folder, addon);
    const installation: Installation = { addon, tensorflow: version, source };
    writeFileSync(join(folder, 'installation.json'), `${JSON.stringify(installation, null, 2)}\n`);
    replace(folder, target);
    return version;
  } catch (error) {
    throw new Error(`The backend ${name} was not installed: ${(error as Error).message}`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The version of TensorFlow that is installed in the cache, or undefined. */
export function installedTensorflow(cacheDir: string): string | undefined {
  return readInstallation(cacheDir)?.tensorflow;
}

/** Moves `folder` to `target`. Programs that run with the old files keep them open. */
function replace(folder: string, target: string): void {
  const old = `${target}.${randomUUID()}.old`;
  mkdirSync(dirname(target), { recursive: true });
  if (existsSync(target)) renameSync(target, old);
  renameSync(folder, target);
  rmSync(old, { recursive: true, force: true });
}
