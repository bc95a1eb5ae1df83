import { trainingObjectiveSchema } from '@gradsmith/core/objective';
// verify-child.ts tensorflow FOLDER PACKAGE, or webgpu FOLDER [gpu]: starts the backend in the given folder and takes
// training steps with convolution, batch norm, pooling and a falling loss. The last line is the version of the
// backend.
import { getKernelOps } from '../backends/index.ts';
import type { InstallableBackend } from '../backends/installation.ts';
import { loadTensorflow, type AddonPackage } from '../backends/tensorflow/addon.ts';
import { startFrom } from '../backends/webgpu/start.ts';
import { brightHalves } from '../data/bright-halves.ts';
import { train } from '../engine/index.ts';

const [, , name, folder, variant] = process.argv as [string, string, InstallableBackend, string, string | undefined];

const starters: Record<InstallableBackend, () => Promise<{ version: string; gpu: boolean }>> = {
  async tensorflow() {
    const { binding, isUsingGpuDevice } = await loadTensorflow(folder, variant as AddonPackage);
    return { version: binding.TF_Version, gpu: isUsingGpuDevice };
  },
  async webgpu() {
    const { versions, software } = await startFrom(folder, { gpu: variant === 'gpu' });
    return { version: versions.dawn, gpu: !software };
  },
};

const { version, gpu } = await starters[name]();
const objective = trainingObjectiveSchema.parse({
  kind: 'training',
  dataset: { name: 'mnist', train: 200, validation: 0 },
  network: { name: 'cnn' },
  optimizer: { name: 'adam', learningRate: 0.01 },
  batchSize: 20,
  epochs: 2,
});

const result = await train(objective, brightHalves(objective.dataset.train), {
  backend: {
    name,
    precision: 'float32',
    device: gpu ? 'gpu' : 'cpu',
    threads: 0,
    simd: true,
    deterministic: false,
    versions: {},
  },
  ops: getKernelOps(name),
});
const { aulc, finalLoss } = result.metrics;
if (result.outcome !== 'complete' || !(finalLoss! < 0.8 * aulc!)) {
  throw new Error(`the training did not learn: ${JSON.stringify(result.metrics)}`);
}
console.log(JSON.stringify({ version }));
// Dawn can keep a process from exiting.
process.exit();
