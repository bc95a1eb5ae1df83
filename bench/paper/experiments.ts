import type { JobInput } from '@gradsmith/core/spec';
import { listCifarFeedback, listMnistFeedback } from './feedback.ts';

/** `full` takes hours on two cores, `reduced` minutes on idle ones: smaller networks and fewer examples. */
export type Size = 'full' | 'reduced';

/** A group of jobs that one table or figure is made from. */
export interface Experiment {
  name: string;
  /** Data set of the cache that it needs. */
  data: 'mnist' | 'cifar10' | null;
  /** Lists the jobs. `best` returns the best points of jobs that ran before, best first. */
  listJobs(size: Size, best: (job: string) => BestPoint[]): JobInput[];
}

/** A point of a meta-network in ascending order of its value. */
export type BestPoint = Readonly<Record<string, number>>;

/** Adadelta with the rate of the paper and ρ and ε of SimpleNet's authors. */
const ADADELTA = { name: 'adadelta', learningRate: 0.01, rho: 0.9, epsilon: 1e-3 } as const;
const META = { kind: 'meta-network', hidden: 1, activation: 'tanh' } as const;
const LIMITS = { trialTimeout: '1h' } as const;

/** Numbers from 1 to `count`. */
function countTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

type Training = Extract<JobInput['objective'], { kind: 'training' }>;
type Replacement = NonNullable<Training['backward']>[number];

/** The derivatives of the catalogue that are smooth activations, surrogates, or plain lines. ReLU′ is the reference. */
const derivatives = [
  'identity',
  'leaky-relu',
  'relu6',
  'hard-tanh',
  'sigmoid',
  'tanh',
  'softplus',
  'softsign',
  'atan',
  'elu',
  'selu',
  'silu',
  'gelu',
  'mish',
  'b-silu',
  'sin',
  'straight-through',
  'fahlman',
  'fast-sigmoid',
  'arctan',
  'triangle',
  'piecewise-quadratic',
  'piecewise-exponential',
  'gaussian',
  'rectangle',
];

/** Experiment 3.1: the catalogue in the second ReLU, with all but FC2 frozen; dimensions × seeds. */
const gaussians: Experiment = {
  name: '3.1',
  data: null,
  listJobs: (size) =>
    (size === 'full' ? [1, 2, 10, 50] : [1, 2, 10]).flatMap((dimension) =>
      countTo(size === 'full' ? 10 : 5).map((seed) => ({
        name: `paper-3.1-d${dimension}-s${seed}`,
        objective: {
          kind: 'training',
          dataset: { name: 'two-gaussians', dimension, train: 200, validation: 1000 },
          network: { name: 'mlp', hidden: [8, 8] },
          optimizer: { name: 'adam', learningRate: 0.1 },
          epochs: 100,
          batchSize: 200,
          backward: [{ layer: 'relu2', derivative: { kind: 'straight-through' } }],
          frozen: ['fc1', 'fc3'],
          record: { weights: 'fc2' },
          seed,
          backend: 'wasm',
        },
        space: { derivative: { at: '/backward/0/derivative/kind', type: 'categorical', choices: derivatives } },
        search: { algorithm: 'grid', trials: derivatives.length, maxParallelism: 2 },
        confirm: { top: 0, seeds: 0 },
      })),
    ),
};

/** The training of a search for a meta-network in one layer. */
interface Target {
  dataset: Training['dataset'];
  network: Training['network'];
  layer: string;
  epochs: number;
  batchSize: number;
}

function createTraining({ layer, ...target }: Target, derivative: Replacement['derivative']): Training {
  return {
    kind: 'training',
    ...target,
    optimizer: ADADELTA,
    backward: [{ layer, derivative }],
    metric: 'aulc',
    seed: 1,
    backend: 'tensorflow',
  };
}

/** What a job trains again and again; its space has one value, because a job has something to search. */
type Repeated = Pick<JobInput, 'name' | 'objective' | 'space'> & { seeds: number };

/** Creates the job that trains one setting, and again on fresh seeds. */
function repeat({ seeds, ...job }: Repeated): JobInput {
  return {
    ...job,
    search: { algorithm: 'grid', trials: 1, maxParallelism: 2 },
    confirm: { top: 1, seeds },
    limits: LIMITS,
  };
}

/** Searches g, and then the best constant and the best rate; all are compared on fresh seeds. */
function searchMetaNetwork(name: string, target: Target, budget: number): JobInput {
  return {
    name,
    objective: createTraining(target, META),
    search: { algorithm: 'gp', trials: 40, initial: 10, maxParallelism: 2, seed: 7 },
    confirm: { top: 3, seeds: 10, against: ['backpropagation', 'constant', 'learning-rate'], budget },
    limits: LIMITS,
  };
}

/** Searches g and the learning rate together, confirmed on the fresh seeds of the search for g. */
function searchJointly(name: string, target: Target): JobInput {
  const alone = searchMetaNetwork(name, target, 0);
  const { learningRate } = ADADELTA;
  return {
    ...alone,
    space: {
      learningRate: {
        at: '/optimizer/learningRate',
        type: 'float',
        low: learningRate / 30,
        high: learningRate * 30,
        scale: 'log',
      },
    },
    confirm: { top: 1, seeds: 10 },
  };
}

/**
 * Trains the best point of a joint search without its shape: its learning rate, and the constant times ReLU′ that its g
 * has where z is large. It asks whether the shape of g is worth anything at this rate.
 */
function removeShape(name: string, target: Target, points: readonly BestPoint[]): JobInput[] {
  const [point] = points;
  if (!point) return [];
  const { u, b, v, d } = readWeights(point);
  const scale = v * Math.tanh(5 * u + b) + d;
  const learningRate = point['learningRate']!;
  return [
    repeat({
      name,
      objective: {
        ...createTraining(target, { kind: 'relu', scale }),
        optimizer: { ...ADADELTA, learningRate },
      },
      space: { constant: { at: '/backward/0/derivative/scale', type: 'categorical', choices: [scale] } },
      seeds: 10,
    }),
  ];
}

/** Reads the weights of a meta-network from a point with `relu7.u`, … */
function readWeights(point: BestPoint): Record<'u' | 'b' | 'v' | 'd', number> {
  const read = (weight: string): number =>
    Object.entries(point).find(([parameter]) => parameter.endsWith(`.${weight}`))![1];
  return { u: read('u'), b: read('b'), v: read('v'), d: read('d') };
}

/** SimpleNet on the first images of CIFAR-10. */
const simplenet = (images: number, width: number, layer = 'relu7'): Target => ({
  dataset: { name: 'cifar10', train: images, validation: 250 },
  network: { name: 'simplenet', width, dropout: 0 },
  layer,
  epochs: 5,
  batchSize: images >= 1000 ? 100 : 25,
});

const [FULL_IMAGES, FULL_WIDTH] = [2000, 0.25];
const [REDUCED_IMAGES, REDUCED_WIDTH] = [250, 0.125];
const cifarTarget = (size: Size): Target =>
  size === 'full' ? simplenet(FULL_IMAGES, FULL_WIDTH) : simplenet(REDUCED_IMAGES, REDUCED_WIDTH);

const cifar: Experiment = {
  name: '3.2',
  data: 'cifar10',
  listJobs: (size) => {
    const job = searchMetaNetwork('paper-3.2', cifarTarget(size), size === 'full' ? 40 : 10);
    return [{ ...job, search: { ...job.search, maxParallelism: 4 } }];
  },
};

const cifarJoint: Experiment = {
  name: '3.2 with the rate',
  data: 'cifar10',
  listJobs: (size) => {
    const job = searchJointly('paper-3.2-joint', cifarTarget(size));
    return [{ ...job, search: { ...job.search, maxParallelism: 4 } }];
  },
};

const mnistTarget = (network: 'mlp' | 'cnn', size: Size): Target => ({
  dataset: { name: 'mnist', train: size === 'full' ? 10_000 : 2000, validation: 1000 },
  network: network === 'mlp' ? { name: 'mlp', hidden: [128, 128], bias: true } : { name: 'cnn' },
  layer: 'relu2',
  epochs: 5,
  batchSize: 100,
});

const mnist: Experiment = {
  name: 'MNIST',
  data: 'mnist',
  listJobs: (size) =>
    (['mlp', 'cnn'] as const).flatMap((network) => [
      searchMetaNetwork(`paper-mnist-${network}`, mnistTarget(network, size), 20),
      searchJointly(`paper-mnist-${network}-joint`, mnistTarget(network, size)),
    ]),
};

const shapes: Experiment = {
  name: 'joint without the shape',
  data: 'mnist',
  listJobs: (size, best) =>
    (['mlp', 'cnn'] as const).flatMap((network) =>
      removeShape(`paper-mnist-${network}-unshaped`, mnistTarget(network, size), best(`paper-mnist-${network}-joint`)),
    ),
};

const mnistFeedback: Experiment = {
  name: 'feedback alignment',
  data: 'mnist',
  listJobs: (size) => listMnistFeedback(size === 'full'),
};

const cifarFeedback: Experiment = {
  name: 'feedback alignment on CIFAR-10',
  data: 'cifar10',
  listJobs: (size) => listCifarFeedback(size === 'full'),
};

/** Every derivative of the catalogue at one layer of the MLP. */
const layers: Experiment = {
  name: 'catalogue by layer',
  data: 'mnist',
  listJobs: (size) =>
    countTo(size === 'full' ? 10 : 2).flatMap((seed) =>
      ['relu1', 'relu2'].map((layer) => ({
        name: `paper-layers-${layer}-s${seed}`,
        objective: {
          ...createTraining(mnistTarget('mlp', size), undefined),
          backward: [{ layer, derivative: { kind: 'straight-through' } }],
          seed,
        },
        space: { derivative: { at: '/backward/0/derivative/kind', type: 'categorical', choices: derivatives } },
        search: { algorithm: 'grid', trials: derivatives.length, maxParallelism: 2 },
        confirm: { top: 0, seeds: 0 },
        limits: LIMITS,
      })),
    ),
};

/** Derivatives that gain at one of the layers, or that are close to ReLU′. */
const everywhere = ['b-silu', 'selu', 'elu', 'straight-through', 'mish', 'leaky-relu', 'gelu', 'silu'] as const;

/** Derivatives of the catalogue at both layers of the MLP at once. */
const bothLayers: Experiment = {
  name: 'catalogue in both layers',
  data: 'mnist',
  listJobs: (size) =>
    everywhere.map((kind) =>
      repeat({
        name: `paper-both-${kind}`,
        objective: {
          ...createTraining(mnistTarget('mlp', size), undefined),
          backward: ['relu1', 'relu2'].map((layer) => ({ layer, derivative: { kind } })),
        },
        space: { mask: { at: '/backward/0/mask', type: 'categorical', choices: [false] } },
        seeds: size === 'full' ? 10 : 3,
      }),
    ),
};

/** Writes the weights of a point of `relu7.u`, … into a job that trains only that b-function. */
function repeatPoint(name: string, target: Target, point: BestPoint, seeds: number): JobInput {
  const { u, b, v, d } = readWeights(point);
  const weights = { u: [u], b: [b], v: [v], d };
  return repeat({
    name,
    objective: createTraining(target, { ...META, weights }),
    space: { d: { at: '/backward/0/derivative/weights/d', type: 'categorical', choices: [weights.d] } },
    seeds,
  });
}

/** As for MNIST, at the size of 3.2. */
const cifarShapes: Experiment = {
  name: '3.2 without the shape',
  data: 'cifar10',
  listJobs: (size, best) => removeShape('paper-3.2-unshaped', cifarTarget(size), best('paper-3.2-joint')),
};

/** The best b-function of 3.2 where it was not searched. */
const transfer: Experiment = {
  name: 'transfer',
  data: 'cifar10',
  listJobs: (size, best) => {
    const [point] = best('paper-3.2');
    if (!point) return [];
    const [images, width] = size === 'full' ? [FULL_IMAGES, FULL_WIDTH] : [REDUCED_IMAGES, REDUCED_WIDTH];
    const targets: Record<string, Target> = {
      'other-layer': simplenet(images, width, 'relu4'),
      'double-width': simplenet(images, 2 * width),
      'more-images': { ...simplenet(3 * images, width), batchSize: simplenet(images, width).batchSize },
      'mnist-cnn': mnistTarget('cnn', size),
      'mnist-mlp': mnistTarget('mlp', size),
    };
    return Object.entries(targets).map(([name, target]) => repeatPoint(`paper-transfer-${name}`, target, point, 5));
  },
};

/** A trace of earlier experiments: GELU′ in every ReLU of SimpleNet, at a tuned learning rate. */
const gelu: Experiment = {
  name: 'GELU′ in every layer',
  data: 'cifar10',
  listJobs: (size) => [
    repeat({
      name: 'paper-gelu',
      objective: {
        ...createTraining(cifarTarget(size), undefined),
        optimizer: { ...ADADELTA, learningRate: 0.15 },
        backward: countTo(13).map((i) => ({ layer: `relu${i}`, derivative: { kind: 'gelu' } })),
      },
      space: { mask: { at: '/backward/0/mask', type: 'categorical', choices: [false] } },
      seeds: 10,
    }),
  ],
};

/** In the order in which they run: an experiment may use the results of those before it. */
export const experiments: readonly Experiment[] = [
  gaussians,
  cifar,
  mnist,
  shapes,
  mnistFeedback,
  cifarFeedback,
  cifarJoint,
  cifarShapes,
  transfer,
  gelu,
  layers,
  bothLayers,
];
