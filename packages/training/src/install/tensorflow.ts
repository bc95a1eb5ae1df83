import { basename, join } from 'node:path';
import type { AddonPackage, Installation } from '../backends/tensorflow/addon.ts';
import { toEnvironment } from '../backends/tensorflow/one-dnn.ts';
import { chooseMode } from '../process/choose-one-dnn-mode.ts';
import { createProbe } from '../process/probe-one-dnn.ts';
import { buildAddon, fetchPackages } from './addon-build.ts';
import type { Installer } from './installer.ts';
import { takeLibraries } from './libraries.ts';
import { trainOnce } from './verify.ts';

/**
 * The npm package to build and the wheel to build it with, as pip's requirements. Both packages have the same sources;
 * only the libraries differ.
 */
const variants: Record<'cpu' | 'gpu', { addon: AddonPackage; wheel: string }> = {
  // About 270 MB.
  cpu: {
    addon: '@tensorflow/tfjs-node',
    wheel: 'tensorflow-cpu==2.21.0 --hash=sha256:2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  },
  // About 600 MB, with kernels for CUDA 12; the CUDA and cuDNN libraries come from the system.
  gpu: { addon: '@tensorflow/tfjs-node-gpu', wheel: 'tensorflow==2.21.0' },
};

/**
 * Builds the TensorFlow addon of TensorFlow.js with current TensorFlow libraries. Needs npm with its registry, a C++
 * compiler with make and Python 3 (node-gyp), and pip if no libraries are given.
 */
export const installTensorflow: Installer = async (folder, { from, gpu = false, onStep = () => {} }) => {
  const { addon, wheel } = variants[gpu ? 'gpu' : 'cpu'];
  onStep('Fetching the addon sources from the npm registry');
  const addonFolder = join(await fetchPackages(folder, basename(addon)), addon);
  onStep(
    from
      ? `Taking the TensorFlow libraries from ${from}`
      : `Fetching the TensorFlow libraries (the wheel ${wheel.split(' ')[0]}) with pip`,
  );
  const source = await takeLibraries(join(addonFolder, 'deps'), from, wheel);
  onStep('Compiling the addon');
  await buildAddon(addonFolder);
  onStep('Training a network with it');
  const environment = gpu ? {} : toEnvironment(await chooseMode(undefined, createProbe({ folder, addon })));
  const version = await trainOnce({ backend: 'tensorflow', folder, variant: addon, environment });
  return { version, record: { addon, tensorflow: version, source } satisfies Installation };
};
