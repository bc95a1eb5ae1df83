// Backprop Evolution (Alber et al. 2018) at a small size. See docs/paper/backprop-evolution.md.
import type { JobInput } from '@gradsmith/core/spec';
import type { BestPoint, Experiment } from './experiments.ts';

type Training = Extract<JobInput['objective'], { kind: 'training' }>;

/** The activation layers whose backward step is searched. They share one equation. */
const HIDDEN = ['relu1', 'relu2', 'relu3'];
/**
 * Rules that are tried first: backpropagation, and changes of it that keep the size of the error, so that no other
 * learning rate decides about them.
 */
const KNOWN = [
  'd * slope',
  'r * slope',
  'd',
  'center(d) * slope',
  'standardize(d) * ds * slope',
  'rescaleRows(d) * ds * slope',
  'sign(d) * ds * slope',
  'clip(d, ds) * slope',
  'd * (slope + 0.1)',
  'd * sigmoid(z)',
  'd * (z > -0.5)',
  'd * slope * (1 + tanh(a))',
  '(d + 0.2 * r) * slope',
];
const OPERANDS = ['d', 'r', 'z', 'a', 'slope', 'ds', 's', 'n', 't'];
const FUNCTIONS = ['add', 'sub', 'mul', 'min', 'max', 'gt', 'abs', 'sign', 'square', 'tanh', 'sigmoid', 'clip'];
const NORMALIZATIONS = ['center', 'standardize', 'rescale', 'rescaleRows', 'rescaleMax'];
const [EARLY_EPOCHS, EPOCHS] = [4, 40];
const FRESH_SEEDS = 10;
/** Fresh seeds of trainings to convergence. */
const CONVERGED_SEEDS = 5;

/**
 * A small convolutional network on 2,000 images. Strides in place of pooling, so that random feedback reaches every
 * layer.
 */
const early: Training = {
  kind: 'training',
  dataset: { name: 'cifar10', train: 2000, validation: 2000 },
  network: {
    name: 'custom',
    layers: [
      { type: 'conv', name: 'conv1', filters: 16, stride: 2 },
      { type: 'batch-norm', name: 'bn1' },
      { type: 'activation', name: 'relu1', function: 'relu' },
      { type: 'conv', name: 'conv2', filters: 32, stride: 2 },
      { type: 'batch-norm', name: 'bn2' },
      { type: 'activation', name: 'relu2', function: 'relu' },
      { type: 'conv', name: 'conv3', filters: 32 },
      { type: 'batch-norm', name: 'bn3' },
      { type: 'activation', name: 'relu3', function: 'relu' },
      { type: 'dense', name: 'fc', units: 10 },
    ],
  },
  optimizer: { name: 'momentum', learningRate: 0.01, momentum: 0.9 },
  epochs: EARLY_EPOCHS,
  batchSize: 50,
  metric: 'aulc',
  seed: 1,
  backend: 'tensorflow',
};

const withRate = (training: Training, learningRate: number): Training => ({
  ...training,
  optimizer: { ...training.optimizer, learningRate },
});

const useRule = (formula: string): Training['backward'] => [{ layer: HIDDEN, program: { formula } }];

const RATE = { at: '/optimizer/learningRate', type: 'float', low: 0.001, high: 0.3, scale: 'log' } as const;
const SEQUENTIAL = { maxParallelism: 1, seed: 7 } as const;
const LIMITS = { trialTimeout: '1h' } as const;

function tuneRate(name: string, objective: Training, backward: Training['backward'] = []): JobInput {
  return {
    name,
    objective: { ...objective, backward },
    space: { learningRate: RATE },
    search: { algorithm: 'gp', trials: 14, initial: 5, ...SEQUENTIAL },
    confirm: { top: 1, seeds: FRESH_SEEDS },
    limits: LIMITS,
  };
}

/** The null hypothesis that a rule is only a larger or smaller error. */
function tuneConstant(name: string, objective: Training): JobInput {
  return {
    name,
    objective: { ...objective, backward: [{ layer: HIDDEN, derivative: { kind: 'relu', scale: 1 } }] },
    space: { constant: { at: '/backward/0/derivative/scale', type: 'float', low: 0.1, high: 10, scale: 'log' } },
    search: { algorithm: 'gp', trials: 8, initial: 4, ...SEQUENTIAL },
    confirm: { top: 1, seeds: FRESH_SEEDS },
    limits: LIMITS,
  };
}

/** Searches the rule at the best rate of backpropagation. Trainings that fall behind end early. */
function searchRule(name: string, algorithm: 'evolution' | 'random', objective: Training): JobInput {
  return {
    name,
    objective: { ...objective, backward: useRule('d * slope') },
    space: {
      rule: {
        at: '/backward/0/program/formula',
        type: 'program',
        operands: OPERANDS,
        functions: [...FUNCTIONS, ...NORMALIZATIONS],
        maxNodes: 13,
        start: KNOWN,
      },
    },
    search: { algorithm, trials: 120, initial: KNOWN.length, pruning: 'median', ...SEQUENTIAL },
    confirm: { top: 3, seeds: FRESH_SEEDS },
    limits: LIMITS,
  };
}

/** Trains rules that are given, and confirms all of them. */
function compareRules(name: string, objective: Training, rules: readonly string[], seeds: number): JobInput {
  return {
    name,
    objective: { ...objective, backward: useRule(rules[0]!) },
    space: {
      rule: { at: '/backward/0/program/formula', type: 'program', operands: OPERANDS, start: [...rules] },
    },
    search: { algorithm: 'random', trials: rules.length, ...SEQUENTIAL },
    confirm: { top: rules.length, seeds },
    limits: LIMITS,
  };
}

function readRate(best: (job: string) => BestPoint[]): number {
  return Number(Number(best('evolution-rate')[0]!['learningRate']).toPrecision(3));
}

/** Returns the best rules of the search, without those that draw noise, which takes longer than the training. */
function listRules(best: (job: string) => BestPoint[], count: number): string[] {
  const rules = best('evolution-search').map((point) => String(point['rule']));
  return rules.filter((rule) => !/\bn\b/.test(rule)).slice(0, count);
}

function createTraining(best: (job: string) => BestPoint[]): Training {
  return withRate(early, readRate(best));
}

/** Trains as long as the loss falls, and measures on all test images. */
function createLongTraining(best: (job: string) => BestPoint[]): Training {
  const training = createTraining(best);
  const dataset = { ...training.dataset, validation: 10_000 } as Training['dataset'];
  return { ...training, dataset, epochs: EPOCHS, metric: 'validation-accuracy' };
}

/** In the order in which they run. Each may use the results of those before it. */
export const evolutionExperiments: readonly Experiment[] = [
  {
    name: 'rate of backpropagation',
    data: 'cifar10',
    listJobs: () => [tuneRate('evolution-rate', early)],
  },
  {
    name: 'evolution',
    data: 'cifar10',
    listJobs: (_, best) => [searchRule('evolution-search', 'evolution', createTraining(best))],
  },
  {
    name: 'convergence',
    data: 'cifar10',
    listJobs: (_, best) => [
      compareRules('evolution-converged', createLongTraining(best), listRules(best, 1), CONVERGED_SEEDS),
    ],
  },
  {
    name: 'only a rate',
    data: 'cifar10',
    listJobs: (_, best) => [
      tuneRate('evolution-rate-of-rule', createTraining(best), useRule(listRules(best, 1)[0] ?? 'd * slope')),
      tuneConstant('evolution-constant', createTraining(best)),
    ],
  },
  {
    name: 'random programs',
    data: 'cifar10',
    listJobs: (_, best) => [searchRule('evolution-random', 'random', createTraining(best))],
  },
];
