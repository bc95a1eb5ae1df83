import { InvalidArgumentError } from 'commander';

export const rules = ['none', 'proven', 'median', 'asha', 'predicted', 'patience'] as const;
export type Rule = (typeof rules)[number];

/** The rules whose decisions are replayed over the trials of a search without pruning. */
export const replayed = ['median', 'asha', 'predicted'] as const;
export type Replayed = (typeof replayed)[number];

export interface Setting {
  network: 'cnn' | 'mlp' | 'simplenet';
  metric: 'aulc' | 'validation-loss' | 'validation-accuracy';
  validation: number;
  /** What is searched: a b-function, or the learning rate. */
  space: 'b-function' | 'learning-rate';
  optimizer: { name: string; learningRate: number; rho?: number; epsilon?: number };
  train: number;
  epochs: number;
  batchSize: number;
  trials: number;
  seeds: number[];
}
/**
 * As examples/demo.yaml with twice its epochs and half its examples: at the paper's learning rate, and where the loss
 * falls quickly.
 */
const aulc = { network: 'cnn', metric: 'aulc', validation: 100, space: 'b-function' } as const;
/** A search for the learning rate, whose trials differ much. */
const validated = {
  network: 'cnn',
  validation: 500,
  space: 'learning-rate',
  optimizer: { name: 'sgd', learningRate: 0.05 },
  train: 1000,
  epochs: 4,
  batchSize: 50,
  trials: 20,
  seeds: [7, 8],
} as const;
export const full: Record<string, Setting> = {
  'validation-loss: sgd': { ...validated, metric: 'validation-loss', seeds: [...validated.seeds] },
  'validation-accuracy: sgd': { ...validated, metric: 'validation-accuracy', seeds: [...validated.seeds] },
  'slow: adadelta 0.01': {
    ...aulc,
    optimizer: { name: 'adadelta', learningRate: 0.01 },
    train: 1000,
    epochs: 4,
    batchSize: 50,
    trials: 20,
    seeds: [7, 8],
  },
  'mlp: adadelta 0.01': {
    ...aulc,
    network: 'mlp',
    optimizer: { name: 'adadelta', learningRate: 0.01 },
    train: 1000,
    epochs: 5,
    batchSize: 50,
    trials: 40,
    seeds: [7, 8],
  },
  'quick: adam 0.001': {
    ...aulc,
    optimizer: { name: 'adam', learningRate: 0.001 },
    train: 1000,
    epochs: 4,
    batchSize: 50,
    trials: 20,
    seeds: [7, 8],
  },
  // Experiment 3.2 with fewer images, in smaller batches.
  'cifar10: adadelta 0.01': {
    ...aulc,
    network: 'simplenet',
    optimizer: { name: 'adadelta', learningRate: 0.01, rho: 0.9, epsilon: 1e-3 },
    train: 500,
    epochs: 5,
    batchSize: 25,
    trials: 20,
    seeds: [7],
  },
};
export const quick: Record<string, Setting> = {
  'quick: adam 0.001': {
    ...aulc,
    optimizer: { name: 'adam', learningRate: 0.001 },
    train: 400,
    epochs: 3,
    batchSize: 50,
    trials: 10,
    seeds: [7],
  },
};

/** Lists the rules, of those that were chosen, that the setting's metric has. */
export function listRules({ metric }: Setting, chosen: readonly Rule[]): readonly Rule[] {
  return chosen.filter((rule) => rule !== (metric === 'aulc' ? 'patience' : 'proven'));
}

/** @throws InvalidArgumentError for a rule that does not exist */
export function parseRules(text: string): readonly Rule[] {
  const names = text.split(',');
  const unknown = names.find((name) => !rules.includes(name as Rule));
  if (unknown !== undefined) throw new InvalidArgumentError(`${unknown} is not one of ${rules.join(', ')}.`);
  return rules.filter((rule) => rule === 'none' || names.includes(rule));
}

export function getDataset({ network }: Setting): 'mnist' | 'cifar10' {
  return network === 'simplenet' ? 'cifar10' : 'mnist';
}

export function buildJob(setting: Setting, seed: number, rule: Rule): object {
  const { network, metric, validation, space, optimizer, train, epochs, batchSize, trials } = setting;
  const steps = (train / batchSize) * epochs;
  const pruning = rule === 'patience' ? { rule, steps: Math.round(steps / 5) } : rule;
  const isSimpleNet = network === 'simplenet';
  const derivative = { kind: 'meta-network', hidden: 1, activation: 'tanh' };
  const searched = space === 'b-function' ? { backward: [{ layer: isSimpleNet ? 'relu7' : 'relu2', derivative }] } : {};
  return {
    name: `pruning-${rule}`,
    objective: {
      kind: 'training',
      dataset: { name: getDataset(setting), train, validation },
      network: isSimpleNet ? { name: network, width: 0.25, dropout: 0 } : { name: network },
      optimizer,
      epochs,
      batchSize,
      ...searched,
      metric,
      seed: 1,
      backend: isSimpleNet ? 'tensorflow' : 'wasm',
    },
    search: { algorithm: 'gp', trials, initial: 5, maxParallelism: 1, seed, pruning },
    space: space === 'learning-rate' ? { lr: learningRate } : {},
    // No confirmations run, but `top` counts: `proven` continues trials that may still be among the best three.
    confirm: { top: TOP, seeds: 0 },
  };
}

/** Points that would be confirmed. */
export const TOP = 3;

const learningRate = { at: '/optimizer/learningRate', type: 'float', low: 0.001, high: 1, scale: 'log' };
