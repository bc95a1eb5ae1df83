import type { TrainingObjective, TrainingObjectiveInput } from '@gradsmith/core/objective';
import { createObjective, randomImages } from './helpers.ts';

export const busyData = randomImages([28, 28, 1], 10, 50, 20);

/** Creates a training that uses every source of randomness: 2 epochs of 5 steps. */
export function createBusyObjective(change: Partial<TrainingObjectiveInput> = {}): TrainingObjective {
  return createObjective({
    dataset: { name: 'mnist', train: 50, validation: 20, augment: { pad: 2 } },
    network: {
      layers: [
        { type: 'conv', name: 'conv', filters: 4, stride: 2 },
        { type: 'batch-norm', name: 'bn' },
        { type: 'activation', name: 'relu' },
        { type: 'pool', name: 'pool' },
        { type: 'dropout', name: 'drop', rate: 0.3 },
        { type: 'dense', name: 'fc', units: 10 },
      ],
    },
    optimizer: { name: 'adadelta', learningRate: 0.5, hypergradient: { rate: 1e-4 } },
    gradientNoise: { eta: 1e-4 },
    backward: [{ layer: 'relu', derivative: { kind: 'silu' } }],
    epochs: 2,
    batchSize: 10,
    ...change,
  });
}
