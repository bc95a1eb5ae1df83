import type { TrainingObjectiveInput } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/backends/index.ts';
import { drawNormal, randomSource } from '../../src/data/random.ts';
import { drawNoise } from '../../src/engine/draw-noise.ts';
import type { Parameter } from '../../src/engine/network.ts';
import { Optimizer } from '../../src/engine/optimizers/optimizer.ts';
import { scheduleFactor } from '../../src/engine/optimizers/schedule.ts';
import { createStream } from '../../src/engine/streams.ts';
import { createObjective, relativeError } from './helpers.ts';

type Settings = TrainingObjectiveInput['optimizer'];

const STEPS = 25;
const SIZE = 12;
/** The first eight numbers are a weight matrix, the others a bias. */
const WEIGHTS = 8;

const random = randomSource(11);
const start = Float32Array.from({ length: SIZE }, () => drawNormal(random));
const gradients = Array.from({ length: STEPS }, () =>
  Float32Array.from({ length: SIZE }, () => drawNormal(random) * 10 ** (3 * random() - 2)),
);

const parameters: Parameter[] = [
  { layer: 'fc', name: 'weights', role: 'weight', trainable: true, shape: [2, 4] },
  { layer: 'fc', name: 'bias', role: 'offset', trainable: true, shape: [SIZE - WEIGHTS] },
];

const pieces = (values: Float32Array): tf.Tensor[] => [
  tf.tensor(values.slice(0, WEIGHTS), [2, 4]),
  tf.tensor(values.slice(WEIGHTS)),
];

async function runOptimizer(
  optimizer: Settings,
  extra: Partial<TrainingObjectiveInput> = {},
): Promise<{ weights: number[]; learningRate: number }> {
  const spec = createObjective({ dataset: { name: 'two-gaussians' }, network: { name: 'mlp' }, optimizer, ...extra });
  const engine = new Optimizer(spec, { steps: STEPS, stepsPerEpoch: 5 }, parameters);
  let state = engine.start(pieces(start));
  for (const [step, gradient] of gradients.entries()) {
    state = tf.tidy(() => engine.advance(pieces(gradient), state, engine.draw(step)));
  }
  const learningRate = await engine.learningRate(state);
  const values = await Promise.all(engine.parameters(state).map((tensor) => tensor.data()));
  engine.dispose();
  return { weights: values.flatMap((each) => [...each]), learningRate };
}

/** Applies a rule for one number to each element, in float64. */
function byHand(rule: () => (g: number, w: number, step: number) => number): number[] {
  return Array.from(start, (first, i) => {
    const step = rule();
    return gradients.reduce((w, gradient, t) => step(gradient[i]!, w, t), first);
  });
}

const RULES: Record<string, [Settings, number[]]> = {
  sgd: [{ name: 'sgd', learningRate: 0.1 }, byHand(() => (g, w) => w - 0.1 * g)],
  momentum: [
    { name: 'momentum', learningRate: 0.1, momentum: 0.8 },
    byHand(() => {
      let m = 0;
      return (g, w) => w - 0.1 * (m = 0.8 * m + g);
    }),
  ],
  nesterov: [
    { name: 'nesterov', learningRate: 0.1, momentum: 0.8 },
    byHand(() => {
      let m = 0;
      return (g, w) => {
        m = 0.8 * m + g;
        return w - 0.1 * (g + 0.8 * m);
      };
    }),
  ],
  rmsprop: [
    { name: 'rmsprop', learningRate: 0.1, rho: 0.7, epsilon: 1e-3 },
    byHand(() => {
      let v = 0;
      return (g, w) => {
        v = 0.7 * v + 0.3 * g * g;
        return w - (0.1 * g) / (Math.sqrt(v) + 1e-3);
      };
    }),
  ],
  adagrad: [
    { name: 'adagrad', learningRate: 0.1, epsilon: 1e-3 },
    byHand(() => {
      let v = 0;
      return (g, w) => {
        v += g * g;
        return w - (0.1 * g) / (Math.sqrt(v) + 1e-3);
      };
    }),
  ],
  adam: [{ name: 'adam', learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-4 }, byHand(() => adam(0))],
  adamw: [
    { name: 'adamw', learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-4, weightDecay: 0 },
    byHand(() => adam(0)),
  ],
  adadelta: [
    { name: 'adadelta', learningRate: 0.5 },
    byHand(() => {
      let [v, u] = [0, 0];
      return (g, w) => {
        v = 0.9 * v + 0.1 * g * g;
        const delta = (Math.sqrt(u + 1e-3) / Math.sqrt(v + 1e-3)) * g;
        u = 0.9 * u + 0.1 * delta * delta;
        return w - 0.5 * delta;
      };
    }),
  ],
  lion: [
    { name: 'lion', learningRate: 0.1, beta1: 0.8, beta2: 0.95 },
    byHand(() => {
      let m = 0;
      return (g, w) => {
        const delta = Math.sign(0.8 * m + 0.2 * g);
        m = 0.95 * m + 0.05 * g;
        return w - 0.1 * delta;
      };
    }),
  ],
};

function adam(decay: number): (g: number, w: number, step: number) => number {
  let [m, v] = [0, 0];
  return (g, w, step) => {
    m = 0.8 * m + 0.2 * g;
    v = 0.95 * v + 0.05 * g * g;
    const delta = m / (1 - 0.8 ** (step + 1)) / (Math.sqrt(v / (1 - 0.95 ** (step + 1))) + 1e-4);
    return w - 0.1 * (delta + decay * w);
  };
}

beforeAll(async () => {
  await useBackend('wasm');
});

/** Optimizers as programs. */
const PROGRAMS: readonly (readonly [string, Settings, Settings])[] = [
  ['sgd', { name: 'program', learningRate: 0.1, formula: 'g' }, { name: 'sgd', learningRate: 0.1 }],
  [
    'momentum',
    { name: 'program', learningRate: 0.1, beta1: 0.8, formula: '5 * m' },
    { name: 'momentum', learningRate: 0.1, momentum: 0.8 },
  ],
  [
    'rmsprop',
    { name: 'program', learningRate: 0.1, beta2: 0.7, formula: 'g / (sqrt(v) + 0.001)' },
    { name: 'rmsprop', learningRate: 0.1, rho: 0.7, epsilon: 1e-3 },
  ],
  [
    'adam',
    { name: 'program', learningRate: 0.1, beta1: 0.8, beta2: 0.9, formula: 'mh / (sqrt(vh) + 1e-3)' },
    { name: 'adam', learningRate: 0.1, beta1: 0.8, beta2: 0.9, epsilon: 1e-3 },
  ],
  [
    'adam, with the bias removed by hand',
    { name: 'program', beta1: 0.8, beta2: 0.9, formula: 'm / (1 - 0.8^k) / (sqrt(v / (1 - 0.9^k)) + 1e-3)' },
    { name: 'adam', learningRate: 0.01, beta1: 0.8, beta2: 0.9, epsilon: 1e-3 },
  ],
  [
    'lion with weight decay',
    { name: 'program', beta1: 0.99, weightDecay: 0.1, decoupled: true, formula: 'sign(0.9 * p + 0.1 * g)' },
    { name: 'lion', learningRate: 0.01, beta1: 0.9, beta2: 0.99, weightDecay: 0.1 },
  ],
  [
    'a decay of the weights',
    { name: 'program', learningRate: 0.1, formula: 'g + 0.3 * w' },
    { name: 'sgd', learningRate: 0.1, weightDecay: 0.3 },
  ],
];

describe('optimizers as programs', () => {
  beforeAll(async () => {
    await useBackend('wasm');
  });

  it.each(PROGRAMS)('%s: the weights of the optimizer after 25 steps', async (name, program, builtIn) => {
    const [own, expected] = [await runOptimizer(program), await runOptimizer(builtIn)];
    const compared = name === 'a decay of the weights' ? WEIGHTS : SIZE; // biases do not decay
    expect(relativeError(own.weights.slice(0, compared), expected.weights.slice(0, compared))).toBeLessThan(2e-6);
  });

  it('uses the progress of the training', async () => {
    const annealed = await runOptimizer({ name: 'program', learningRate: 0.1, formula: 'g * (1 - t)' });
    const schedule = { kind: 'linear' as const, floor: 0 };
    const linear = await runOptimizer({ name: 'sgd', learningRate: 0.1, schedule });
    expect(relativeError(annealed.weights, linear.weights)).toBeLessThan(2e-6);
  });
});

describe('training optimizers against their rules in float64', () => {
  it.each(Object.keys(RULES))('%s', async (name) => {
    const [settings, expected] = RULES[name]!;
    expect(relativeError((await runOptimizer(settings)).weights, expected)).toBeLessThan(5e-6);
  });

  it('Adadelta is not SGD', async () => {
    const [, sgd] = RULES['sgd']!;
    expect(relativeError((await runOptimizer({ name: 'adadelta', learningRate: 0.1 })).weights, sgd)).toBeGreaterThan(
      0.1,
    );
  });
});

describe('weight decay acts on weight matrices only', () => {
  const mixed = (decayed: number[], plain: number[]) => [...decayed.slice(0, WEIGHTS), ...plain.slice(WEIGHTS)];

  it('coupled: joins the gradient', async () => {
    const expected = mixed(
      byHand(() => (g, w) => w - 0.1 * (g + 0.3 * w)),
      byHand(() => (g, w) => w - 0.1 * g),
    );
    expect(
      relativeError((await runOptimizer({ name: 'sgd', learningRate: 0.1, weightDecay: 0.3 })).weights, expected),
    ).toBeLessThan(5e-6);
  });

  it('coupled and decoupled differ under momentum', async () => {
    const rule = (coupled: boolean, decay: number) =>
      byHand(() => {
        let m = 0;
        return (g, w) => {
          m = 0.8 * m + g + (coupled ? decay * w : 0);
          return w - 0.1 * (m + (coupled ? 0 : decay * w));
        };
      });
    const settings = { name: 'momentum', learningRate: 0.1, momentum: 0.8, weightDecay: 0.3 } as const;
    expect(relativeError((await runOptimizer(settings)).weights, mixed(rule(true, 0.3), rule(true, 0)))).toBeLessThan(
      5e-6,
    );
    expect(
      relativeError(
        (await runOptimizer({ ...settings, decoupled: true })).weights,
        mixed(rule(false, 0.3), rule(false, 0)),
      ),
    ).toBeLessThan(5e-6);
  });

  it('AdamW: next to the rule', async () => {
    const settings = {
      name: 'adamw',
      learningRate: 0.1,
      beta1: 0.8,
      beta2: 0.95,
      epsilon: 1e-4,
      weightDecay: 0.3,
    } as const;
    expect(
      relativeError(
        (await runOptimizer(settings)).weights,
        mixed(
          byHand(() => adam(0.3)),
          byHand(() => adam(0)),
        ),
      ),
    ).toBeLessThan(5e-6);
  });
});

describe('learning rates that change', () => {
  const base = createObjective({
    dataset: { name: 'two-gaussians' },
    network: { name: 'mlp' },
    optimizer: { name: 'sgd' },
  }).optimizer;

  it.each<[Partial<Pick<Settings, 'schedule' | 'warmup'>>, number[]]>([
    [{}, [1, 1, 1]],
    [{ warmup: 3 }, [0.25, 1, 1]],
    [{ schedule: { kind: 'step', every: 2, factor: 0.1 } }, [1, 0.1, 0.01]],
    [{ schedule: { kind: 'exponential', factor: 0.5 } }, [1, 0.25, 0.5 ** 4.8]],
    [{ schedule: { kind: 'cosine', floor: 0.2 } }, [1, 0.2 + 0.4 * (1 + Math.cos((Math.PI * 10) / 24)), 0.2]],
    [{ schedule: { kind: 'linear', floor: 0.2 } }, [1, 1 - (0.8 * 10) / 24, 0.2]],
  ])('%j', (settings, [first, middle, last]) => {
    // 25 steps, five per epoch: the first, the first of the third epoch, and the last.
    const factor = (step: number) => scheduleFactor({ ...base, ...settings } as typeof base, step, 5, 25);
    expect(factor(0)).toBeCloseTo(first!, 12);
    expect(factor(10)).toBeCloseTo(middle!, 12);
    expect(factor(settings.schedule?.kind === 'step' ? 20 : 24)).toBeCloseTo(last!, 12);
  });

  it('the schedule reaches the weights', async () => {
    const expected = byHand(() => (g, w, t) => w - 0.1 * 0.5 ** Math.floor(t / 5) * g);
    expect(
      relativeError(
        (await runOptimizer({ name: 'sgd', learningRate: 0.1, schedule: { kind: 'step', every: 1, factor: 0.5 } }))
          .weights,
        expected,
      ),
    ).toBeLessThan(5e-6);
  });

  it('the hypergradient adds β·⟨gradient, last Δ⟩ and stops at 0', async () => {
    let [rate, last] = [0.1, new Float64Array(SIZE)];
    const w = Float64Array.from(start);
    for (const g of gradients) {
      rate = Math.max(0, rate + 0.002 * g.reduce((sum, value, i) => sum + value * last[i]!, 0));
      for (let i = 0; i < SIZE; i++) w[i]! -= rate * g[i]!;
      last = Float64Array.from(g);
    }
    const result = await runOptimizer({ name: 'sgd', learningRate: 0.1, hypergradient: { rate: 0.002 } });
    expect(result.learningRate).toBeCloseTo(rate, 5);
    expect(result.learningRate).not.toBeCloseTo(0.1, 3);
    expect(relativeError(result.weights, w)).toBeLessThan(1e-5);
    expect(
      (await runOptimizer({ name: 'sgd', learningRate: 0.1, hypergradient: { rate: 1000 } })).learningRate,
    ).toBeGreaterThanOrEqual(0);
  });
});

describe('gradient noise', () => {
  it('has variance η/(1+t)^γ and follows from the seed', async () => {
    const noise = { gradientNoise: { eta: 0.3, gamma: 0.55 }, seed: 4 };
    const drawn = gradients.map((_, t) =>
      drawNoise(SIZE, Math.sqrt(0.3 / (1 + t) ** 0.55), createStream(4, 'noise', t)),
    );
    const expected = Array.from(start, (first, i) =>
      gradients.reduce((w, g, t) => w - 0.1 * (g[i]! + drawn[t]![i]!), first),
    );
    const settings = { name: 'sgd', learningRate: 0.1 } as const;
    expect(relativeError((await runOptimizer(settings, noise)).weights, expected)).toBeLessThan(5e-6);
    expect((await runOptimizer(settings, { ...noise, seed: 5 })).weights).not.toEqual(
      (await runOptimizer(settings, noise)).weights,
    );
  });
});
