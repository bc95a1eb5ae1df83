import type { TrainingObjective } from '@gradsmith/core/objective';
import type { DataSet } from '../../src/data/data-set.ts';
import { createMarkedLetters } from '../../src/data/marked-letters.ts';
import { createObjective, randomImages } from './helpers.ts';

const STEPS = 20;
const BATCH = 8;

/** Returns what a curve is trained on: generated sequences, or random images with random labels like CIFAR-10. */
export function createCurveData({ dataset }: TrainingObjective): DataSet {
  if (dataset.name === 'marked-letter') return createMarkedLetters(dataset);
  return randomImages([32, 32, 3], 10, STEPS * BATCH, 0);
}

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
  'a transformer': createObjective({
    ...settings,
    dataset: { name: 'marked-letter', train: STEPS * BATCH, validation: 0 },
    network: { name: 'transformer' },
    optimizer: { name: 'momentum', learningRate: 0.05 },
  }),
};

export const curvesFile = new URL('./peer-curves.json', import.meta.url);
