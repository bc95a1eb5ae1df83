import {
  activationNames,
  derivativeCatalogue,
  planTraining,
  type TrainingObjectiveInput,
} from '@gradsmith/core/objective';
import { beforeAll, describe, expect, it as vitestIt } from 'vitest';
import { type BackendName, useBackend } from '../../src/backends/index.ts';
import { portableOps } from '../../src/kernels/kernel-ops.ts';
import { isInstalled, testOptions } from '../backends/installed.ts';
import type { FormulaValues } from '../reference/network.ts';
import { compareGradients, type Compared, createObjective, relativeError, sgd } from './helpers.ts';

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** Formulas with a context, and the same by hand. The layers are sigmoids; the first and the last are replaced. */
const FORMULAS: Record<string, { formula: string; byHand: (values: FormulaValues, depth: number) => number }> = {
  'an annealed surrogate of the standardized input': {
    formula: 'k * (1 + a1 * t) / (1 + k * abs((z - m) / s))^2',
    byHand: ({ z, t, m, s }) => (2 * (1 + 3 * t)) / (1 + 2 * Math.abs((z - m) / s)) ** 2,
  },
  'forward value and derivative': {
    formula: 'k * a * slope + a1 * slope^2',
    byHand: ({ z }) => 2 * sigmoid(z) ** 2 * (1 - sigmoid(z)) + 3 * (sigmoid(z) * (1 - sigmoid(z))) ** 2,
  },
  'the error that arrives': {
    formula: 'k * slope * tanh(a1 * abs(d) / ds)',
    byHand: ({ z, d, ds }) => 2 * sigmoid(z) * (1 - sigmoid(z)) * Math.tanh((3 * Math.abs(d)) / ds),
  },
  'the progress alone': { formula: 'k - a1 * t', byHand: ({ t }) => 2 - 3 * t },
  'a threshold of the progress': {
    formula: 'if(t > 0.25, k, a1) * slope',
    byHand: ({ z, t }) => (t > 0.25 ? 2 : 3) * sigmoid(z) * (1 - sigmoid(z)),
  },
  depth: { formula: 'k * depth + a1 * z', byHand: ({ z }, depth) => 2 * depth + 3 * z },
};

/** Returns the largest deviation of any parameter from the float64 reference, relative to its largest gradient. */
const TOLERANCE = 1e-4;

function expectClose({ loss, gradients, names, reference }: Compared): void {
  expect(Math.abs(loss / reference.loss - 1)).toBeLessThan(1e-5);
  const expected = reference.gradients.flat();
  expect(gradients).toHaveLength(expected.length);
  for (const [i, gradient] of gradients.entries()) {
    // A bias before batch norm has no effect: its gradient in the reference is only rounding error.
    if (Math.max(...expected[i]!.data.map(Math.abs)) < 1e-12)
      expect(Math.max(...gradient.map(Math.abs)), names[i]).toBe(0);
    else expect(relativeError(gradient, expected[i]!.data), names[i]).toBeLessThan(TOLERANCE);
  }
}

const cifar = { dataset: { name: 'cifar10' }, optimizer: sgd } as const;
const mnist = { dataset: { name: 'mnist' }, optimizer: sgd } as const;
const gaussians = { dataset: { name: 'two-gaussians', dimension: 5 }, batchSize: 100, optimizer: sgd } as const;

const letters = { dataset: { name: 'marked-letter', length: 7, letters: 5 }, optimizer: sgd } as const;

const NETWORKS: Record<string, Omit<TrainingObjectiveInput, 'kind'>> = {
  simplenet: { ...cifar, network: { name: 'simplenet', width: 1 / 16, dropout: 0 } },
  'simplenet on MNIST': { ...mnist, network: { name: 'simplenet', width: 1 / 32, dropout: 0 } },
  'simplenet-slim': { ...cifar, network: { name: 'simplenet-slim', width: 1 / 8 } },
  mlp: { ...gaussians, network: { name: 'mlp', hidden: [16, 8] } },
  'mlp with biases on images': { ...mnist, network: { name: 'mlp', bias: true } },
  cnn: { ...mnist, network: { name: 'cnn' } },
  lenet: { ...mnist, network: { name: 'lenet' } },
  'resnet with identity shortcuts': { ...cifar, network: { name: 'resnet', width: 1 / 4 } },
  'resnet with projections': { ...cifar, network: { name: 'resnet', width: 1 / 8, shortcut: 'projection' } },
  vgg: { ...mnist, network: { name: 'vgg', width: 1 / 32 } },
  'joined paths': {
    ...cifar,
    network: {
      layers: [
        { type: 'conv', name: 'stem', filters: 4, kernel: 5, stride: 3, padding: 'symmetric' },
        { type: 'activation', name: 'act', function: 'tanh' },
        { type: 'conv', name: 'left', filters: 6, kernel: 4, stride: 2, padding: 'symmetric' },
        { type: 'layer-norm', name: 'norm' },
        { type: 'shortcut', name: 'right', input: 'act', filters: 9, stride: 2 },
        { type: 'conv', name: 'thin', filters: 6, kernel: 1 },
        { type: 'add', name: 'sum', inputs: ['norm', 'thin', 'norm'] },
        { type: 'conv', name: 'next', filters: 3, padding: 'symmetric', init: 'normal', sd: 0.3 },
        { type: 'concat', name: 'both', inputs: ['next', 'sum', 'norm'] },
        { type: 'global-average-pool', name: 'pool' },
        { type: 'layer-norm', name: 'norm2' },
        { type: 'dense', name: 'first', units: 7 },
        { type: 'concat', name: 'vectors', inputs: ['first', 'pool'] },
        { type: 'dense', name: 'fc', units: 10 },
      ],
    },
  },
  transformer: { ...letters, network: { name: 'transformer', channels: 12, heads: 3 } },
  'attention over images': {
    ...mnist,
    network: {
      layers: [
        { type: 'conv', name: 'patches', filters: 6, kernel: 7, stride: 7, padding: 'valid' },
        { type: 'position', name: 'position' },
        { type: 'attention', name: 'attention', heads: 2, init: 'normal', sd: 0.5 },
        { type: 'layer-norm', name: 'norm', over: 'channels' },
        { type: 'add', name: 'sum', inputs: ['norm', 'position'] },
        { type: 'attention', name: 'again', heads: 1 },
        { type: 'dense', name: 'fc', units: 10 },
      ],
    },
  },
  'windows that leave out rows and columns': {
    ...mnist,
    dataset: { name: 'own', set: 'wide', shape: [13, 15, 2], classes: 3, train: 100 },
    network: {
      layers: [
        { type: 'conv', name: 'rows', filters: 3, kernel: 2, stride: 4 },
        { type: 'activation', name: 'act1', function: 'tanh' },
        { type: 'conv', name: 'one', filters: 2, kernel: 1, stride: 3 },
        { type: 'activation', name: 'act2', function: 'tanh' },
        { type: 'dense', name: 'fc', units: 3 },
      ],
    },
  },
  'average pools, strides, valid': {
    ...cifar,
    network: {
      layers: [
        { type: 'conv', name: 'a', filters: 4, kernel: 3, stride: 2, padding: 'valid' },
        { type: 'activation', name: 'b', function: 'tanh' },
        { type: 'pool', name: 'c', kind: 'average', size: 3, stride: 2 },
        { type: 'conv', name: 'd', filters: 5, kernel: 2, stride: 1 },
        { type: 'batch-norm', name: 'e' },
        { type: 'activation', name: 'f', function: 'leaky-relu' },
        { type: 'pool', name: 'g', size: 3, stride: 2, padding: 'same' },
        { type: 'dense', name: 'h', units: 10 },
      ],
    },
  },
};

/**
 * Layers with binary weights, and activations with steps. The inputs of a binary layer are not in steps themselves,
 * because their sums would often be exactly 0, where rounding decides.
 */
const STEPS: Record<string, Omit<TrainingObjectiveInput, 'kind'>> = {
  convolutional: {
    ...mnist,
    network: {
      layers: [
        { type: 'conv', name: 'conv1', filters: 3, stride: 2, weights: 'binary' },
        { type: 'batch-norm', name: 'bn1' },
        { type: 'activation', name: 'act1', function: 'tanh' },
        { type: 'conv', name: 'binary', filters: 4, stride: 2, weights: 'binary', sd: 0.8, init: 'normal' },
        { type: 'activation', name: 'act2', function: 'quantize', levels: 5 },
        { type: 'dense', name: 'fc', units: 10 },
      ],
    },
  },
  dense: {
    ...gaussians,
    network: {
      layers: [
        { type: 'dense', name: 'binary', units: 12, weights: 'binary', sd: 0.8, init: 'normal' },
        { type: 'activation', name: 'act1', function: 'sign' },
        { type: 'dense', name: 'fc1', units: 8 },
        { type: 'activation', name: 'act2', function: 'step' },
        { type: 'dense', name: 'fc2', units: 2 },
      ],
    },
  },
};

type DerivativeInput = NonNullable<NonNullable<TrainingObjectiveInput['backward']>[number]['derivative']>;

const DERIVATIVES = [
  ...Object.keys(derivativeCatalogue).map((kind) => ({ kind })),
  { kind: 'meta-network', weights: { u: [1.3], b: [-0.4], v: [0.8], d: 0.3 } },
  { kind: 'meta-network', hidden: 2, activation: 'sigmoid', bias: false, weights: { u: [1.3, 4], v: [0.8, -2] } },
  { kind: 'expression', formula: '0.5 * (1 + tanh(k * z)) + if(z <= -1, 0.1, z^3 / 10)', parameters: { k: 3 } },
] as DerivativeInput[];

/** The parameters of `FORMULAS` that a formula names. */
function usedIn(formula: string): Record<string, number> {
  const all = { k: 2, a1: 3 };
  return Object.fromEntries(Object.entries(all).filter(([name]) => new RegExp(`\\b${name}\\b`).test(formula)));
}

const SMALL = ['mlp', 'cnn', 'average pools, strides, valid', 'joined paths', 'transformer', 'attention over images'];

/** The cpu backend is a hundred times slower than the others. */
const FEWER: Partial<Record<BackendName, string[]>> = { cpu: SMALL };

/**
 * Seeds by backend. On webgpu, the images of the first seed put a pre-activation of SimpleNet's third layer so close to
 * 0 that rounding decides the branch of its ReLU.
 */
const SEEDS: Partial<Record<BackendName, number>> = { webgpu: 2 };

const BACKENDS = (['wasm', 'cpu', 'tensorflow', 'webgpu'] as const).map(
  (backend) => [backend, isInstalled(backend)] as const,
);

describe.for(BACKENDS)('gradients on %s', { timeout: 60_000 }, ([backend, installed]) => {
  beforeAll(async () => {
    if (installed) await useBackend(backend, testOptions);
  });
  const it = installed ? vitestIt : vitestIt.skip;

  it.each(FEWER[backend] ?? Object.keys(NETWORKS))('plain backpropagation: %s', async (name) => {
    expectClose(await compareGradients(createObjective(NETWORKS[name]!), { batch: 2, seed: SEEDS[backend] }));
  });

  it.each(SMALL)("plain backpropagation without the backend's own steps: %s", async (name) => {
    expectClose(await compareGradients(createObjective(NETWORKS[name]!), { batch: 2, ops: portableOps }));
  });

  it.each(DERIVATIVES.map((derivative) => [derivative.kind, derivative] as const))(
    'b-function %s in a dense and a convolutional network',
    async (_kind, derivative) => {
      const backward = [{ layer: 'relu1', derivative }];
      expectClose(
        await compareGradients(createObjective({ ...gaussians, network: { name: 'mlp', hidden: [8, 8] }, backward })),
      );
      expectClose(
        await compareGradients(createObjective({ ...mnist, network: { name: 'cnn', filters: [3, 4] }, backward })),
      );
    },
  );

  it.each(activationNames)('activation %s', async (activation) => {
    expectClose(
      await compareGradients(createObjective({ ...gaussians, network: { name: 'mlp', hidden: [8, 8], activation } })),
    );
  });

  it.each(Object.keys(STEPS))('binary weights and steps with straight-through estimators: %s', async (name) => {
    expectClose(await compareGradients(createObjective(STEPS[name]!)));
  });

  it.each(Object.keys(STEPS))('binary weights and steps with b-functions: %s', async (name) => {
    const backward = [
      { layer: 'binary', derivative: { kind: 'gaussian' as const, stretch: 0.3 } },
      { layer: ['act1', 'act2'], derivative: { kind: 'arctan' as const, stretch: 2, asymmetry: -0.4 } },
    ];
    expectClose(await compareGradients(createObjective({ ...STEPS[name]!, backward })));
  });

  it.each(Object.keys(FORMULAS))('a formula with a context: %s', async (name) => {
    const { formula, byHand } = FORMULAS[name]!;
    const derivative = { kind: 'expression' as const, formula, parameters: usedIn(formula) };
    const network = { name: 'mlp' as const, hidden: [8, 7, 6], activation: 'sigmoid' as const };
    const backward = [{ layer: ['relu1', 'relu3'], derivative }];
    const spec = createObjective({ ...gaussians, network, backward });
    const { steps } = planTraining(spec);
    const formulas = {
      relu1: (values: FormulaValues) => byHand(values, 0),
      relu3: (values: FormulaValues) => byHand(values, 1),
    };
    for (const step of [0, Math.floor(steps / 2), steps - 1])
      expectClose(await compareGradients(spec, { step, reference: { formulas, progress: step / (steps - 1) } }));
  });

  it('a dictionary that layers share, tied by depth', async () => {
    const coefficients = { c: [0.7, -0.4, 0.2], e: [1, 0, -0.5] };
    const derivative = { kind: 'dictionary' as const, bases: ['silu', 'straight-through', 'z * t'], byDepth: true };
    const network = { name: 'mlp' as const, hidden: [8, 7, 6], activation: 'sigmoid' as const };
    const backward = [{ layer: ['relu1', 'relu2', 'relu3'], derivative: { ...derivative, coefficients } }];
    const byHand =
      (depth: number) =>
      ({ z, t }: FormulaValues) =>
        (0.7 + depth) * sigmoid(z) * (1 + z * (1 - sigmoid(z))) - 0.4 + (0.2 - 0.5 * depth) * z * t;
    const formulas = { relu1: byHand(0), relu2: byHand(0.5), relu3: byHand(1) };
    const spec = createObjective({ ...gaussians, network, backward, epochs: 10 });
    expectClose(await compareGradients(spec, { step: 10, reference: { formulas, progress: 10 / 19 } }));
  });

  it('a formula with a context for binary weights', async () => {
    const formula = 'k * (1 + t) * exp(-abs(z - m) / s) * a * tanh(d / ds)';
    const derivative = { kind: 'expression' as const, formula, parameters: { k: 2 } };
    const spec = createObjective({ ...STEPS['convolutional']!, backward: [{ layer: 'binary', derivative }] });
    const { steps } = planTraining(spec);
    const binary = ({ z, t, m, s, d, ds }: FormulaValues) =>
      2 * (1 + t) * Math.exp(-Math.abs(z - m) / s) * (z >= 0 ? 1 : -1) * Math.tanh(d / ds);
    const reference = { formulas: { binary }, progress: 100 / (steps - 1) };
    expectClose(await compareGradients(spec, { step: 100, reference }));
  });

  it.each([
    ['mlp', 'relu'],
    ['cnn', 'tanh'],
  ] as const)('backpropagation as a program of a %s with %s: the same bits', async (name, activation) => {
    const objective = { ...(name === 'mlp' ? gaussians : mnist), network: { name, activation } };
    const plain = await compareGradients(createObjective(objective));
    const backward = [{ layer: ['relu1', 'relu2'], program: { formula: 'd * slope' } }];
    const program = await compareGradients(createObjective({ ...objective, backward }));
    expectClose(program);
    expect(program.gradients).toEqual(plain.gradients);
  });

  it.each([
    'd * slope / (0.5 + abs(z - m) / s) + 0.1 * a * ds',
    'clip(d, 0.02) * (1 - square(tanh(z))) * (1 + t - depth)',
    'rescale(d) * slope - 0.1 * center(a)',
    'rescaleRows(d + 0.1 * z) * slope + standardize(z * d)',
    'rescaleMax(d) * (z > rm) * rs',
  ])('a program of a dense and a convolutional network: %s', async (formula) => {
    const backward = [{ layer: ['relu1', 'relu2'], program: { formula } }];
    const mlp = createObjective({
      ...gaussians,
      network: { name: 'mlp', hidden: [8, 7], activation: 'tanh' },
      backward,
    });
    expectClose(await compareGradients(mlp, { step: 0, reference: { progress: 0 } }));
    const cnn = createObjective({ ...mnist, network: { name: 'cnn', filters: [3, 4], activation: 'tanh' }, backward });
    expectClose(await compareGradients(cnn, { reference: { progress: 0 } }));
  });

  it('feedback alignment as a program: the same bits as the replaced matrix of the layer above', async () => {
    const network = { name: 'mlp' as const, hidden: [8, 7, 6] };
    const programs = [{ layer: 'relu2', program: { formula: 'r * slope' } }];
    const matrices = [{ layer: 'fc3', transpose: { kind: 'feedback-alignment' as const } }];
    const [program, matrix] = await Promise.all(
      [programs, matrices].map((backward) => compareGradients(createObjective({ ...gaussians, network, backward }))),
    );
    expect(program!.gradients).toEqual(matrix!.gradients);
  });

  it('several layers at once, one of them masked', async () => {
    const backward = [
      { layer: 'relu1', derivative: { kind: 'silu' as const } },
      { layer: 'relu2', mask: true, derivative: { kind: 'softplus' as const, scale: 2 } },
    ];
    expectClose(await compareGradients(createObjective({ ...mnist, network: { name: 'cnn' }, backward })));
  });
});
