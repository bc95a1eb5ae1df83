import type {
  BFunctionData,
  ConfirmationData,
  CurveMeaning,
  ImplicitRateData,
  ReportData,
  TrialData,
} from '../src/index.ts';

/** Creates uniform numbers in [0, 1) from a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The names of the reference of a job that searches a b-function only. */
export const backpropagation = { name: 'plain backpropagation', label: 'backpropagation' };

const grid = Array.from({ length: 401 }, (_, i) => -5 + i / 40);

/** b-functions of a ReLU layer, each v·tanh(u·z + b) + d. */
export function bFunctions(
  found: readonly { number: number; u: number; b: number; v: number; d: number }[],
): BFunctionData {
  return {
    layer: 'relu7',
    activation: 'ReLU',
    z: grid,
    derivative: grid.map((z) => (z > 0 ? 1 : 0)),
    found: found.map(({ number, u, b, v, d }) => ({ number, g: grid.map((z) => v * Math.tanh(u * z + b) + d) })),
  };
}

/** The best b-function of `exampleReport` with its learning rate and inputs: after 25 steps around 0, then around 1. */
export function implicitRate(): ImplicitRateData {
  const { found, ...layer } = bFunctions([{ number: 17, u: 1.2, b: 0.4, v: 1.6, d: 3 }]);
  const count = (center: number): number[] =>
    Array.from({ length: 42 }, (_, bin) => Math.round(400 * Math.exp(-((-5.125 + bin / 4 - center) ** 2) / 2)));
  return {
    ...layer,
    found: found[0]!,
    learningRate: 0.01,
    dead: null,
    inputs: [
      { step: 25, limit: 5, counts: count(0) },
      { step: 250, limit: 5, counts: [7, ...count(1).slice(1, -1), 21] },
    ],
  };
}

/** Creates a falling loss with batch noise. */
export function lossCurve(steps: number, end: number, seed: number): number[] {
  const next = random(seed);
  return Array.from(
    { length: steps },
    (_, i) => end + (2.3 - end) * Math.exp((-4 * i) / steps) + 0.25 * (next() - 0.5),
  );
}

function chooseState(draw: number): TrialData['state'] {
  if (draw < 0.05) return 'failed';
  if (draw < 0.1) return 'diverged';
  return draw < 0.2 ? 'pruned' : 'complete';
}

function chooseValue(state: TrialData['state'], value: number): number | null {
  if (state === 'failed') return null;
  return state === 'diverged' ? 6.9 : value;
}

export function searchTrials(count: number, seed = 1): TrialData[] {
  const next = random(seed);
  return Array.from({ length: count }, (_, number) => {
    const draw = next();
    const state = chooseState(draw);
    const point = {
      'relu7.u': 5 * next(),
      'relu7.b': 6 * next() - 3,
      'relu7.v': 6 * next() - 3,
      'relu7.d': 6 * next() - 3,
      learningRate: 10 ** (-4 * next()),
      pooling: next() < 0.5 ? 'max' : 'mean',
    };
    const distance = (point['relu7.d'] - 2) ** 2 / 60 + (Math.log10(point.learningRate) + 1.2) ** 2 / 20;
    const value = 1.8 + distance + 0.3 * next() * Math.exp(-number / 20);
    return { number, state, value: chooseValue(state, value), point };
  });
}

export const confirmations: ConfirmationData[] = [
  {
    number: 17,
    gains: [0.048, 0.061, 0.033, 0.057, 0.049].map((gain, seed) => ({ seed, gain })),
    mean: 0.0496,
    interval: [0.0366, 0.0626],
  },
  {
    number: 9,
    gains: [0.021, -0.012, 0.035, 0.004, 0.018].map((gain, seed) => ({ seed, gain })),
    mean: 0.0132,
    interval: [-0.0089, 0.0353],
  },
  {
    number: 31,
    gains: [-0.031, -0.012, -0.025, -0.014, -0.018].map((gain, seed) => ({ seed, gain })),
    mean: -0.02,
    interval: [-0.0298, -0.0102],
  },
];

/** Curves of a job whose metric is the area under the loss of ten classes. */
export const trainingLoss: CurveMeaning = {
  quantity: 'loss on the training batch',
  cap: 3 * Math.log(10),
  isArea: true,
};

/** A finished job with everything that a report can show. */
export function exampleReport(): ReportData {
  const trials = searchTrials(40).map((trial): TrialData => {
    if (trial.number === 17) {
      const point = { ...trial.point, 'relu7.d': 3 };
      return { ...trial, state: 'complete', value: 1.741, point, curve: lossCurve(250, 1.2, 3) };
    }
    if (trial.number !== 9 && trial.number !== 31) return trial;
    const value = 1.76 + trial.number / 2000;
    return { ...trial, state: 'complete', value, curve: lossCurve(250, 1.25, trial.number) };
  });
  return {
    title: 'relu7-meta-network',
    jobId: 'job_0123456789abcdef0123',
    state: 'completed',
    generatedAt: '2025-03-01T12:00:00Z',
    metric: { name: 'AULC', direction: 'minimize' },
    curveMeaning: trainingLoss,
    parameters: [
      { name: 'relu7.u', type: 'float', low: 0, high: 5 },
      { name: 'relu7.b', type: 'float', low: -3, high: 3 },
      { name: 'relu7.v', type: 'float', low: -3, high: 3 },
      { name: 'relu7.d', type: 'float', low: -3, high: 3 },
      { name: 'learningRate', type: 'float', low: 1e-4, high: 1, scale: 'log' },
      { name: 'pooling', type: 'categorical', choices: ['max', 'mean'] },
    ],
    trials,
    budget: 40,
    reference: { ...backpropagation, value: 1.838, curve: lossCurve(250, 1.45, 8) },
    confirmations,
    baselines: [],
    baselineLimits: [],
    bFunctions: [
      bFunctions([
        { number: 17, u: 1.2, b: 0.4, v: 1.6, d: 3 },
        { number: 9, u: 3, b: -1, v: 2, d: 1.5 },
        { number: 31, u: 0.4, b: 2, v: -1, d: 2 },
      ]),
    ],
    importance: [
      { name: 'relu7.d', share: 0.52 },
      { name: 'learningRate', share: 0.31 },
      { name: 'relu7.v', share: 0.12 },
      { name: 'relu7.u', share: 0.045 },
      { name: 'relu7.b', share: 0.004 },
    ],
    facts: [
      { label: 'Data set', value: 'MNIST, 5,000 training images' },
      { label: 'Network', value: 'simplenet, width 0.25' },
      { label: 'Backend', value: 'wasm, float32, 1 thread' },
      { label: 'Seeds', value: 'search 7, training 1, confirmation 2 to 6' },
      { label: 'Wall time', value: '5 min 12 s' },
    ],
    reproduce: {
      jobFile: 'name: relu7-meta-network\nsearch:\n  trials: 40\n',
      commands: ['gradsmith run relu7-meta-network.yaml'],
      notes: ['With two trials at once: run again, it may propose other points.'],
    },
  };
}
