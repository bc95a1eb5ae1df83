import { parseJob, type JobSpec } from '../../src/spec/index.ts';

/** A small valid job as a client writes it. */
export const jobInput = {
  name: 'meta-network-on-gaussians',
  objective: {
    kind: 'training',
    dataset: { name: 'two-gaussians', train: 100, validation: 100 },
    network: { name: 'mlp' },
    optimizer: { name: 'adam', learningRate: 0.1 },
    epochs: 2,
    batchSize: 50,
    backward: [{ layer: 'relu2', derivative: { kind: 'meta-network', hidden: 1, activation: 'tanh' } }],
    seed: 3,
  },
  search: { trials: 6, maxParallelism: 2, initial: 3, seed: 7 },
  confirm: { top: 2, seeds: 3 },
};

export function job(changes: Partial<Record<keyof typeof jobInput, object>> = {}): JobSpec {
  const merged = Object.fromEntries(
    Object.entries(jobInput).map(([key, value]) => [
      key,
      typeof value === 'object' ? { ...value, ...changes[key as keyof typeof jobInput] } : value,
    ]),
  );
  return parseJob({ ...merged, ...Object.fromEntries(Object.entries(changes).filter(([key]) => !(key in jobInput))) });
}
