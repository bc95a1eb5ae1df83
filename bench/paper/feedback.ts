import type { JobInput } from '@gradsmith/core/spec';

type Training = Extract<JobInput['objective'], { kind: 'training' }>;
type Transpose = NonNullable<NonNullable<Training['backward']>[number]['transpose']>;

/** Where the methods are compared. */
interface Comparison {
  /** What the names of the jobs start with. */
  prefix: string;
  base: Training;
  /** The layers whose wᵀ is replaced: all but the first one, below which no error is needed. */
  replaced: string[];
  /** Trials that search the learning rate of a method, with its other value if it has one. */
  trials: number;
}

const RATE = { at: '/optimizer/learningRate', type: 'float', low: 0.001, high: 0.3, scale: 'log' } as const;

/** Lists a job for each method: its learning rate is searched, and its best trial confirmed on five fresh seeds. */
function listMethods({ prefix, base, replaced, trials }: Comparison): JobInput[] {
  const createJob = (method: string, changes: Partial<Training>, space: JobInput['space'] = {}): JobInput => ({
    name: `${prefix}${method}`,
    objective: { ...base, ...changes },
    space: { learningRate: RATE, ...space },
    search: { algorithm: 'gp', trials, initial: 3, maxParallelism: 2, seed: 7 },
    confirm: { top: 1, seeds: 5 },
    limits: { trialTimeout: '1h' },
  });
  const transposes = (kind: Transpose['kind'], settings: Omit<Transpose, 'kind'> = {}): Partial<Training> => ({
    backward: replaced.map((layer) => ({ layer, transpose: { kind, ...settings } })),
  });
  // Kolen-Pollack needs weight decay, so both learned kinds have it. Backpropagation with it shows what it is worth.
  const decayed = { ...base.optimizer, weightDecay: 0.001 } as Training['optimizer'];
  return [
    createJob('backpropagation', {}),
    createJob('feedback-alignment', transposes('feedback-alignment')),
    createJob('direct-feedback-alignment', transposes('direct-feedback-alignment')),
    createJob('sign-symmetry', transposes('sign-symmetry')),
    createJob(
      'gradient-noise',
      { gradientNoise: { eta: 0.01 } },
      {
        eta: { at: '/gradientNoise/eta', type: 'float', low: 1e-6, high: 0.1, scale: 'log' },
      },
    ),
    createJob(
      'learned-rate',
      { optimizer: { ...base.optimizer, hypergradient: { rate: 1e-4 } } },
      {
        hypergradient: { at: '/optimizer/hypergradient/rate', type: 'float', low: 1e-7, high: 0.01, scale: 'log' },
      },
    ),
    createJob('kolen-pollack', { ...transposes('kolen-pollack'), optimizer: decayed }),
    createJob('weight-mirror', { ...transposes('weight-mirror'), optimizer: decayed }),
    createJob('backpropagation-with-decay', { optimizer: decayed }),
    createJob('sparse-direct-feedback', transposes('direct-feedback-alignment', { density: 0.1 })),
  ];
}

const TRAINING = {
  kind: 'training',
  optimizer: { name: 'momentum', learningRate: 0.03, momentum: 0.9 },
  metric: 'validation-accuracy',
  seed: 1,
  backend: 'tensorflow',
} as const;

/** Lists the jobs of feedback alignment and its relatives in an MLP. */
export function listMnistFeedback(isFull: boolean): JobInput[] {
  return listMethods({
    prefix: 'paper-feedback-',
    base: {
      ...TRAINING,
      dataset: { name: 'mnist', train: isFull ? 60_000 : 4000, validation: isFull ? 10_000 : 2000 },
      network: { name: 'mlp', hidden: [256, 256], bias: true },
      epochs: isFull ? 10 : 3,
      batchSize: 100,
    },
    replaced: ['fc2', 'fc3'],
    trials: isFull ? 12 : 6,
  });
}

/** Lists the jobs of the same methods in a small convolutional network. */
export function listCifarFeedback(isFull: boolean): JobInput[] {
  return listMethods({
    prefix: 'paper-cifar-feedback-',
    base: {
      ...TRAINING,
      dataset: { name: 'cifar10', train: isFull ? 50_000 : 4000, validation: isFull ? 10_000 : 2000 },
      network: { layers: listConvolutions([16, 32, 64]) },
      epochs: 5,
      batchSize: 50,
    },
    replaced: ['conv2', 'conv3', 'fc'],
    trials: isFull ? 8 : 6,
  });
}

type Layers = Extract<Training['network'], { layers: unknown }>['layers'];

/** Lists blocks of a convolution that halves the image, batch normalization and ReLU, and then a dense layer. */
function listConvolutions(filters: readonly number[]): Layers {
  const blocks = filters.flatMap((count, i): Layers => [
    { type: 'conv', name: `conv${i + 1}`, filters: count, stride: 2 },
    { type: 'batch-norm', name: `bn${i + 1}` },
    { type: 'activation', name: `relu${i + 1}`, function: 'relu' },
  ]);
  return [...blocks, { type: 'dense', name: 'fc', units: 10 }];
}
