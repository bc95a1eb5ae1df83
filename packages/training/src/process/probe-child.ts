// Trains two steps with every kind of layer on TensorFlow in one mode of oneDNN and prints the milliseconds of the
// second. A mode that cannot work crashes only this process.
import { trainingObjectiveSchema, type TrainingObjectiveInput } from '@gradsmith/core/objective';
import { getKernelOps } from '../backends/index.ts';
import { loadTensorflow } from '../backends/tensorflow/addon.ts';
import { registerTensorflowKernels } from '../backends/tensorflow/kernels.ts';
import { getModeLabel } from '../backends/tensorflow/one-dnn.ts';
import type { DataSet } from '../data/data-set.ts';
import { train } from '../engine/index.ts';
import { probeSchema } from './choose-one-dnn-mode.ts';

const { folder, addon, ...mode } = probeSchema.parse(JSON.parse(process.argv[2] ?? 'null'));
// Lets tests simulate a processor on which the default mode divides by zero.
// oxlint-disable-next-line node/no-process-env -- set by tests
if (process.env['GRADSMITH_TEST_KILL_ONEDNN'] && getModeLabel(mode) === undefined) process.kill(process.pid, 'SIGFPE');

const { binding } = await loadTensorflow(folder, addon);
registerTensorflowKernels({ oneDnn: mode.options !== '0' });

const COUNT = 8;
const data: DataSet = {
  name: 'probe',
  shape: [32, 32, 3],
  classes: 10,
  hash: 'probe',
  channels: [0, 1, 2].map(() => ({ mean: 0.5, sd: 0.3 })),
  train: {
    count: COUNT,
    inputs: Uint8Array.from({ length: COUNT * 3072 }, (_, i) => (i * 37) % 256),
    labels: Uint8Array.from({ length: COUNT }, (_, i) => i % 10),
  },
  validation: { count: 0, inputs: new Uint8Array(0), labels: new Uint8Array(0) },
};

// SimpleNet has 1×1 convolutions from 512 to 2048 channels, max pooling, batch norm, dropout and a dense layer.
const networks: TrainingObjectiveInput['network'][] = [
  {
    layers: [
      { type: 'conv', name: 'conv', filters: 16, kernel: 5, stride: 2 },
      { type: 'pool', name: 'pool', kind: 'average', size: 2 },
      { type: 'dense', name: 'dense', units: 10 },
    ],
  },
  { name: 'simplenet', width: 1, dropout: 0.2 },
];

let milliseconds = 0;
for (const network of networks) {
  const objective = trainingObjectiveSchema.parse({
    kind: 'training',
    dataset: { name: 'cifar10', train: COUNT, validation: 0 },
    network,
    optimizer: { name: 'sgd', learningRate: 0.001 },
    batchSize: COUNT / 2,
    epochs: 1,
  });
  const { metrics } = await train(objective, data, {
    backend: {
      name: 'tensorflow',
      precision: 'float32',
      device: 'cpu',
      threads: 0,
      simd: true,
      deterministic: true,
      versions: { tensorflow: binding.TF_Version },
    },
    ops: getKernelOps('tensorflow'),
  });
  milliseconds += metrics['trainMilliseconds']!;
}
console.log(milliseconds);
process.exit();
