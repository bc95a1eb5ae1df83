import type { JobInput } from '@gradsmith/core/spec';

/**
 * A search for the learning rate of a small network on generated data: the objective and the space of jobs whose trials
 * must be short and need no data set. Tests add the name and what they are about.
 */
export const learningRateSearch = {
  objective: {
    kind: 'training',
    dataset: { name: 'two-gaussians', train: 100, validation: 100 },
    network: { name: 'mlp' },
    optimizer: { name: 'sgd', learningRate: 0.1 },
  },
  space: { rate: { at: '/optimizer/learningRate', type: 'float', low: 0.001, high: 1, scale: 'log' } },
} as const satisfies Partial<JobInput>;
