import type { TrainingObjectiveInput } from '@gradsmith/core/objective';

/** A training that takes less than a second and needs no data set file. */
export const objective: TrainingObjectiveInput = {
  kind: 'training',
  dataset: { name: 'two-gaussians', train: 200, validation: 50 },
  network: { name: 'mlp' },
  optimizer: { name: 'sgd', learningRate: 0.1 },
  epochs: 2,
  batchSize: 20,
};
