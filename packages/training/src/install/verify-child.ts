// Loads the addon in the folder given and takes training steps with it: convolution, batch norm, pooling and a loss that
// falls. Its last line says which TensorFlow it was.
import { trainingObjectiveSchema } from '@gradsmith/core';
import type { DataSet } from '../data/index.ts';
import { randomSource } from '../data/random.ts';
import { kernelOps } from '../backends/index.ts';
import { loadTensorflow } from '../backends/tensorflow/addon.ts';
import { train } from '../engine/index.ts';

const backend = await loadTensorflow(process.argv[2]!);

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

/** Noise, brighter in the upper half (class 0) or the lower half (class 1): any network learns it in a few steps. */
function brightHalves(count: number): DataSet {
  const random = randomSource(1);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
  const inputs = Uint8Array.from({ length: count * 784 }, (_, i) => {
    const lower = i % 784 >= 392 ? 1 : 0;
    return random() * 100 + (labels[Math.floor(i / 784)] === lower ? 100 : 0);
  });
  const none = { count: 0, inputs: new Uint8Array(0), labels: new Uint8Array(0) };
  return {
    name: 'bright-halves', shape: [28, 28, 1], classes: 10, hash: 'bright-halves', channels: [{ mean: 0.4, sd: 0.2 }],
    train: { count, inputs, labels }, validation: none,
  };
}
