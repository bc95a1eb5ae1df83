// Loads the addon in the folder given and takes training steps with it: convolution, batch norm, pooling and a loss that
// falls. Its last line says which TensorFlow it was.
import { trainingObjectiveSchema } from '@gradsmith/core';
import { brightHalves } from '../data/bright-halves.ts';
import { kernelOps } from '../backends/index.ts';
import { loadTensorflow, type AddonPackage } from '../backends/tensorflow/addon.ts';
import { train } from '../engine/index.ts';

const [, , folder, name] = process.argv;
const backend = await loadTensorflow(folder!, name as AddonPackage);

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
    name: 'tensorflow', precision: 'float32', device: backend.isUsingGpuDevice ? 'gpu' : 'cpu', threads: 0, simd: true,
    deterministic: false, versions: {},
  },
  ops: kernelOps('tensorflow'),
});
const { aulc, finalLoss } = result.metrics;
if (result.outcome !== 'complete' || !(finalLoss! < 0.8 * aulc!)) {
  throw new Error(`the training did not learn: ${JSON.stringify(result.metrics)}`);
}
console.log(JSON.stringify({ version: backend.binding.TF_Version }));
