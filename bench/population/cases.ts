import {
  trainingObjectiveSchema,
  type TrainingObjective,
  type TrainingObjectiveInput,
} from '@gradsmith/core/objective';

export type BackendUnderTest = 'wasm' | 'tensorflow';

/** A network that jobs search on. */
export interface Case {
  readonly name: string;
  readonly settings: Omit<TrainingObjectiveInput, 'kind' | 'backward'>;
  /** The activation layer whose derivative a meta-network replaces. */
  readonly layer: string;
  /** Numbers of networks to train together on each backend; none: not measured there. */
  readonly sizes: Readonly<Record<BackendUnderTest, readonly number[]>>;
}

const EVERY_SIZE = [1, 2, 4, 8, 16];
const mnist = { name: 'mnist', train: 2000, validation: 0 } as const;
const adadelta = { name: 'adadelta', learningRate: 0.01 } as const;

const simplenet: Case = {
  name: 'SimpleNet width 0.125, batch 100',
  settings: {
    dataset: { name: 'cifar10', train: 2000, validation: 0 },
    network: { name: 'simplenet', width: 0.125, dropout: 0 },
    optimizer: adadelta,
    batchSize: 100,
  },
  layer: 'relu7',
  // On wasm, four networks take minutes.
  sizes: { wasm: [], tensorflow: [1, 2, 4, 8] },
};

/** The networks of `examples/two-gaussians.yaml` and `examples/demo.yaml`, an MLP on MNIST, and a narrow SimpleNet. */
export function listCases(quick: boolean): Case[] {
  const sizes = quick ? [1, 4, 16] : EVERY_SIZE;
  const small: Case[] = [
    {
      name: 'MLP 2-32-32-2, batch 200',
      settings: {
        dataset: { name: 'two-gaussians', train: 200, validation: 0 },
        network: { name: 'mlp' },
        optimizer: { name: 'adam', learningRate: 0.1 },
        frozen: ['fc1', 'fc3'],
        batchSize: 200,
      },
      layer: 'relu2',
      sizes: { wasm: sizes, tensorflow: sizes },
    },
    {
      name: 'MLP 784-64-32-10, batch 50',
      settings: { dataset: mnist, network: { name: 'mlp', hidden: [64, 32] }, optimizer: adadelta, batchSize: 50 },
      layer: 'relu1',
      sizes: { wasm: sizes, tensorflow: sizes },
    },
    {
      name: 'CNN 8-16 on MNIST, batch 50',
      settings: { dataset: mnist, network: { name: 'cnn' }, optimizer: adadelta, batchSize: 50 },
      layer: 'relu2',
      sizes: { wasm: sizes, tensorflow: sizes },
    },
  ];
  return quick ? small : [...small, simplenet];
}

/** Returns the first `count` of a fixed sequence of points: one objective for each network. */
export function createObjectives({ settings, layer }: Case, count: number): TrainingObjective[] {
  return Array.from({ length: count }, (_, i) => {
    const weights = {
      u: [Math.sin(3 * i + 1)],
      b: [Math.cos(5 * i)],
      v: [Math.sin(7 * i)],
      d: 0.8 + 0.4 * Math.cos(i),
    };
    const derivative = { kind: 'meta-network', hidden: 1, activation: 'tanh', weights } as const;
    return trainingObjectiveSchema.parse({
      ...settings,
      kind: 'training',
      epochs: 1,
      seed: 1,
      backward: [{ layer, derivative }],
    });
  });
}
