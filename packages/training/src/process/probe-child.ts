// Trains one step of a job's network, or two steps with every kind of layer, on TensorFlow in one mode of oneDNN.
// Prints the milliseconds of the training. A mode that cannot work crashes only this process.
import {
  trainingObjectiveSchema,
  type TrainingObjective,
  type TrainingObjectiveInput,
} from '@gradsmith/core/objective';
import { getKernelOps } from '../backends/index.ts';
import { loadTensorflow } from '../backends/tensorflow/addon.ts';
import { registerTensorflowKernels } from '../backends/tensorflow/kernels.ts';
import { loadDataSet, type DataSet } from '../data/index.ts';
import { train } from '../engine/index.ts';
import { killInDefaultMode } from './kill-in-default-mode.ts';
import { probeSchema } from './probe-one-dnn.ts';

const { folder, addon, mode, job } = probeSchema.parse(JSON.parse(process.argv[2] ?? 'null'));
killInDefaultMode(mode, job ? 'networks' : 'layers');

const { binding } = await loadTensorflow(folder, addon);
registerTensorflowKernels({ oneDnn: mode.options !== '0' });

const COUNT = 8;
const IMAGES: DataSet = {
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
const EVERY_LAYER: TrainingObjectiveInput['network'][] = [
  {
    layers: [
      { type: 'conv', name: 'conv', filters: 16, kernel: 5, stride: 2 },
      { type: 'pool', name: 'pool', kind: 'average', size: 2 },
      { type: 'dense', name: 'dense', units: 10 },
    ],
  },
  { name: 'simplenet', width: 1, dropout: 0.2 },
];

/** Returns the milliseconds of the training. */
async function measure(objective: TrainingObjective, data: DataSet): Promise<number> {
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
  return metrics['trainMilliseconds']!;
}

async function measureJob({ objective, cacheDir }: NonNullable<typeof job>): Promise<number> {
  const { dataset, batchSize } = objective;
  const train = Math.min(dataset.train, Math.max(2, batchSize));
  const validation = Math.min(dataset.validation, batchSize);
  const step = trainingObjectiveSchema.parse({ ...objective, dataset: { ...dataset, train, validation }, epochs: 1 });
  return measure(step, await loadDataSet(step.dataset, { cacheDir }));
}

async function measureLayers(): Promise<number> {
  let milliseconds = 0;
  for (const network of EVERY_LAYER) {
    const objective = trainingObjectiveSchema.parse({
      kind: 'training',
      dataset: { name: 'cifar10', train: COUNT, validation: 0 },
      network,
      optimizer: { name: 'sgd', learningRate: 0.001 },
      batchSize: COUNT / 2,
      epochs: 1,
    });
    milliseconds += await measure(objective, IMAGES);
  }
  return milliseconds;
}

console.log(job ? await measureJob(job) : await measureLayers());
process.exit();
