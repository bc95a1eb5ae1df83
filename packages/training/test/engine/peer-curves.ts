import { createObjective, randomImages } from './helpers.ts';

const STEPS = 20;
const BATCH = 8;

/** Random images with random labels, in the shape of CIFAR-10. */
export const curveData = randomImages([32, 32, 3], 10, STEPS * BATCH, 0);

const settings = {
  dataset: { name: 'cifar10', train: STEPS * BATCH, validation: 0 },
  optimizer: { name: 'momentum', learningRate: 0.001 },
  epochs: 1,
  batchSize: BATCH,
  seed: 1,
} as const;

/** Trainings whose losses PyTorch has computed from the same weights and batches (`bench/training/write-curves.ts`). */
export const CURVES = {
  'ResNet-20 with identity shortcuts': createObjective({ ...settings, network: { name: 'resnet' } }),
  'ResNet-20 with projections': createObjective({ ...settings, network: { name: 'resnet', shortcut: 'projection' } }),
};

export const curvesFile = new URL('./peer-curves.json', import.meta.url);
