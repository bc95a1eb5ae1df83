import { compileBFunction, planTraining, type TrainingObjectiveInput } from '@gradsmith/core/objective';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/backends/index.ts';
import { drawWeights } from '../../src/engine/initialize.ts';
import { createStream } from '../../src/engine/streams.ts';
import { ndarray } from '../reference/array.ts';
import { referenceGradients } from '../reference/network.ts';
import { compareGradients, createObjective, randomBatch, relativeError, sgd } from './helpers.ts';
import { measure, writeMeasuredClaims } from './measured-claims.ts';
import { computeTrajectory } from './trajectory.ts';

type Input = Omit<TrainingObjectiveInput, 'kind'>;
type Derivative = NonNullable<NonNullable<Input['backward']>[number]['derivative']>;

const convolutional: Input = { dataset: { name: 'mnist' }, network: { name: 'cnn', filters: [4, 4] }, optimizer: sgd };
const dense: Input = {
  dataset: { name: 'two-gaussians', dimension: 5 },
  batchSize: 100,
  network: { name: 'mlp', hidden: [7, 6] },
  optimizer: sgd,
};
const relu = (scale: number): Derivative => ({ kind: 'relu', scale });

const at = (base: Input, layer: string, derivative: Derivative, more: Partial<Input> = {}) =>
  createObjective({ ...base, backward: [{ layer, derivative }], ...more });

beforeAll(async () => {
  await useBackend('wasm');
});

afterAll(writeMeasuredClaims);

describe('claim 1: g = c·σ′ at a layer', () => {
  it('with c a power of two, scales the gradients of all layers up to it exactly', async () => {
    const plain = await compareGradients(createObjective(convolutional));
    const scaled = await compareGradients(at(convolutional, 'relu2', relu(4)));
    for (const [i, name] of plain.names.entries())
      expect(scaled.gradients[i]).toEqual(plain.gradients[i]!.map((v) => (name.startsWith('fc') ? v : 4 * v)));
  });

  it('scales the gradients of all layers up to it by c and leaves the later ones bitwise unchanged', async () => {
    const plain = await compareGradients(createObjective(convolutional));
    const scaled = await compareGradients(at(convolutional, 'relu2', relu(3)));
    const errors = new Map<string, number>();
    for (const [i, name] of plain.names.entries()) {
      const expected = plain.gradients[i]!;
      if (name.startsWith('fc')) expect(scaled.gradients[i]).toEqual(expected);
      else {
        const tripled = expected.map((v) => 3 * v);
        errors.set(name, relativeError(scaled.gradients[i]!, tripled));
      }
    }
    // Sums over the batch that nearly cancel magnify the rounding errors of 3·v.
    for (const [name, error] of errors) expect(error, name).toBeLessThan(name.endsWith('offset') ? 1e-5 : 2e-6);
    measure(1, 'gradients of a CNN up to the layer, c = 3, against 3 × those of σ′', Math.max(...errors.values()));
  });

  it.each(['sgd', 'momentum'] as const)('is, under %s, a learning rate c·α of the layers up to it', async (name) => {
    const frozen = ['fc3'];
    const replaced = await computeTrajectory(
      at(dense, 'relu2', relu(3), { frozen, optimizer: { name, learningRate: 0.02 } }),
      10,
    );
    const faster = await computeTrajectory(
      createObjective({ ...dense, frozen, optimizer: { name, learningRate: 0.06 } }),
      10,
    );
    const errors = ['fc1.weights', 'fc2.weights'].map((layer) =>
      relativeError(replaced.end[layer]!, faster.end[layer]!),
    );
    expect(
      measure(1, `weights after ten steps of ${name}, c = 3, against the rate 3α`, Math.max(...errors)),
    ).toBeLessThan(2e-6);
  });

  it('is not a learning rate of the layer alone', async () => {
    const replaced = await computeTrajectory(at(dense, 'relu2', relu(3), { frozen: ['fc1', 'fc3'] }), 1);
    const all = await computeTrajectory(at(dense, 'relu2', relu(3)), 1);
    const plain = await computeTrajectory(createObjective(dense), 1);
    expect(all.end['fc2.weights']).toEqual(replaced.end['fc2.weights']);
    expect(all.end['fc1.weights']).not.toEqual(plain.end['fc1.weights']);
  });
});

describe('claim 2: coupled weight decay', () => {
  const frozen = ['fc3'];
  const run = (scale: number, learningRate: number, weightDecay: number) =>
    computeTrajectory(
      at(dense, 'relu2', relu(scale), { frozen, optimizer: { name: 'sgd', learningRate, weightDecay } }),
      10,
    );

  it('breaks the equality, which λ/c restores', async () => {
    const replaced = await run(3, 0.02, 0.3);
    const same = await run(1, 0.06, 0.3);
    const divided = await run(1, 0.06, 0.1);
    const apart = relativeError(replaced.end['fc2.weights']!, same.end['fc2.weights']!);
    const restored = relativeError(replaced.end['fc2.weights']!, divided.end['fc2.weights']!);
    expect(measure(2, 'weights after ten steps, c = 3, against the rate 3α with the same λ', apart)).toBeGreaterThan(
      0.01,
    );
    expect(measure(2, 'the same with λ/3', restored)).toBeLessThan(2e-6);
  });
});

/** Computes g/σ′ from the gradient of fc2's weights [k, j], for each active neuron j and each k. */
async function computeRatios(batch: number): Promise<number[][]> {
  const plain = await compareGradients(createObjective(dense), { batch, seed: 3 });
  const silu = await compareGradients(at(dense, 'relu2', { kind: 'silu' }), { batch, seed: 3 });
  const [from, to] = [plain.gradients[1]!, silu.gradients[1]!];
  const [inputs, units] = [7, 6];
  return Array.from({ length: units }, (_, j) =>
    Array.from({ length: inputs }, (_, k) => k * units + j)
      .filter((i) => Math.abs(from[i]!) > 1e-4)
      .map((i) => to[i]! / from[i]!),
  );
}

const spread = (values: number[]) => Math.max(...values) - Math.min(...values);

describe('claim 3: a g that is no multiple of σ′', () => {
  it('is one learning rate per neuron for a dense layer and a single example', async () => {
    const perNeuron = (await computeRatios(1)).filter(({ length }) => length > 1);
    expect(perNeuron.length).toBeGreaterThan(1);
    const widest = Math.max(...perNeuron.map(spread));
    expect(measure(3, 'largest difference of g/σ′ within a neuron, one example', widest)).toBeLessThan(1e-5);
    expect(spread(perNeuron.map(([first]) => first!))).toBeGreaterThan(0.01);
  });

  it.each([2, 4, 16])('is none for a batch of %i: the ratio differs over the inputs of one neuron', async (batch) => {
    const perNeuron = (await computeRatios(batch)).filter(({ length }) => length > 1);
    const widest = Math.max(...perNeuron.map(spread));
    expect(measure(3, `the same for a batch of ${batch}`, widest)).toBeGreaterThan(0.01);
  });
});

describe('claim 4: the error sent to earlier layers', () => {
  it('is Wᵀ(δ⊙r)⊙σ′, from which r cannot be taken out', async () => {
    const plan = planTraining(createObjective(dense));
    const { x, labels } = randomBatch(plan.input, plan.classes, 1, 3);
    const weights = plan.layers.map((layer, i) =>
      layer.type === 'dense'
        ? [
            ndarray(
              [plan.shape.layers[i]!.input[0]!, layer.units],
              drawWeights(
                {
                  shape: [plan.shape.layers[i]!.input[0]!, layer.units],
                  fanIn: 6,
                  fanOut: 6,
                  init: 'he-normal',
                  sd: 1,
                },
                createStream(0, 'weights', i),
              ),
            ),
          ]
        : [],
    );
    const [w1, w2, w3] = [weights[0]![0]!, weights[2]![0]!, weights[4]![0]!];
    const g = compileBFunction({ kind: 'silu', scale: 1 } as never);
    const result = referenceGradients(plan, weights, x, labels, {
      backward: [{ layer: 'relu2', mask: false, derivative: { kind: 'silu', scale: 1 } as never }],
    });

    const times = (v: ArrayLike<number>, w: Float64Array, units: number) =>
      Array.from({ length: units }, (_, j) => Array.from(v).reduce((sum, vi, i) => sum + vi * w[i * units + j]!, 0));
    const z1 = times(x.data, w1.data, 7);
    const z2 = times(
      z1.map((z) => Math.max(z, 0)),
      w2.data,
      6,
    );
    const logits = times(
      z2.map((z) => Math.max(z, 0)),
      w3.data,
      2,
    );
    const total = logits.reduce((sum, z) => sum + Math.exp(z), 0);
    const error = logits.map((z, k) => Math.exp(z) / total - Number(k === labels[0]));
    const delta2 = z2.map((z, j) => error.reduce((sum, e, k) => sum + e * w3.data[j * 2 + k]!, 0) * g(z));
    const delta1 = z1.map((z, j) => delta2.reduce((sum, d, k) => sum + d * w2.data[j * 6 + k]!, 0) * Number(z > 0));
    const expected = Array.from(x.data).flatMap((xi) => delta1.map((d) => xi * d));
    const difference = relativeError(result.gradients[0]![0]!.data, expected);
    expect(measure(4, 'gradient of the first layer against Wᵀ(δ⊙r)⊙σ′, float64', difference)).toBeLessThan(1e-12);

    const plain = referenceGradients(plan, weights, x, labels).gradients[0]![0]!.data;
    const ratio = expected.map((value, i) => value / plain[i]!).filter(Number.isFinite);
    expect(measure(4, 'largest difference of the ratio to backpropagation', spread(ratio))).toBeGreaterThan(0.01);
  });
});

describe('claim 5: adaptive optimizers hide a constant', () => {
  const frozen = ['fc3'];
  const run = (scale: number, optimizer: Input['optimizer']) =>
    computeTrajectory(at(dense, 'relu2', relu(scale), { frozen, optimizer }), 20);
  const adam = (epsilon: number) => ({ name: 'adam' as const, learningRate: 0.01, epsilon });
  const adadelta = (epsilon: number) => ({ name: 'adadelta' as const, learningRate: 1, epsilon });

  it('Adam(c·g, ε) is Adam(g, ε/c)', async () => {
    const scaled = await run(4, adam(4e-3));
    const plain = await run(1, adam(1e-3));
    const error = relativeError(scaled.end['fc2.weights']!, plain.end['fc2.weights']!);
    expect(measure(5, 'Adam, weights after 20 steps: g = 4σ′ with ε against σ′ with ε/4', error)).toBeLessThan(1e-6);
  });

  it.each([
    [1e-12, 0, 1e-3],
    [1e-10, 0, 0.01],
    [1e-8, 0.01, 0.5],
    [1e-3, 0.1, 10],
  ])('Adadelta hides it if ε is small against the squared gradients: ε = %s', async (epsilon, least, most) => {
    const [scaled, plain] = [await run(3, adadelta(epsilon)), await run(1, adadelta(epsilon))];
    const moved = relativeError(
      scaled.end['fc2.weights']!.map((w, i) => w - scaled.start['fc2.weights']![i]!),
      plain.end['fc2.weights']!.map((w, i) => w - plain.start['fc2.weights']![i]!),
    );
    measure(5, `Adadelta, ε = ${epsilon}, change of the weights in 20 steps: g = 3σ′ against σ′`, moved);
    expect(moved).toBeGreaterThanOrEqual(least);
    expect(moved).toBeLessThan(most);
  });
});

describe('claim 6: a negative constant', () => {
  it('climbs: the loss grows when only the layers up to it train', async () => {
    const frozen = ['fc3'];
    const optimizer = { name: 'sgd', learningRate: 0.05 } as const;
    const down = await computeTrajectory(at(dense, 'relu2', relu(1), { frozen, optimizer }), 10, 64);
    const up = await computeTrajectory(at(dense, 'relu2', relu(-1), { frozen, optimizer }), 10, 64);
    const [descent, ascent] = [down, up].map(({ losses }) => losses.at(-1)! / losses[0]!);
    expect(measure(6, 'loss after ten steps as a share of the first, c = 1', descent!)).toBeLessThan(1);
    expect(measure(6, 'the same with c = −1', ascent!)).toBeGreaterThan(1);
  });
});

describe('claim 7: feedback alignment', () => {
  it('multiplies δ by Bδ/(Wᵀδ), which is often negative', async () => {
    const wide: Input = { ...dense, network: { name: 'mlp', hidden: [64, 32] } };
    const plain = await compareGradients(createObjective(wide), { batch: 1 });
    const spec = { shape: [64, 32], fanIn: 64, fanOut: 32, init: 'he-normal', sd: 0.01 } as const;
    const matrix = ndarray([64, 32], drawWeights(spec, createStream(0, 'feedback', 2)));
    const aligned = await compareGradients(
      createObjective({ ...wide, backward: [{ layer: 'fc2', transpose: { kind: 'feedback-alignment' } }] }),
      { batch: 1, reference: { feedback: { fc2: matrix } } },
    );
    const error = relativeError(aligned.gradients[0]!, aligned.reference.gradients[0]![0]!.data);
    expect(measure(7, 'gradient of the first layer against float64', error)).toBeLessThan(1e-5);
    expect(aligned.gradients[1]).toEqual(plain.gradients[1]);
    // Row 0 of fc1's gradient is x₀·δ, so the ratio of the two rows is Bδ/(Wᵀδ), unit by unit.
    const ratio = Array.from(
      aligned.gradients[0]!.subarray(0, 64),
      (value, j) => value / plain.gradients[0]![j]!,
    ).filter(Number.isFinite);
    const negative = ratio.filter((r) => r < 0).length / ratio.length;
    measure(7, 'share of the factors Bδ/(Wᵀδ) that are negative', negative);
    measure(7, 'largest magnitude of a factor', Math.max(...ratio.map(Math.abs)));
    expect(negative).toBeGreaterThan(0.2);
    expect(negative).toBeLessThan(0.8);
  });
});

describe('claim 8: σ′ = 0 and g ≠ 0', () => {
  it('gives a gradient to units that are off for all inputs; the mask removes it exactly', async () => {
    const single: Input = {
      ...dense,
      dataset: { name: 'two-gaussians', dimension: 1 },
      network: { name: 'mlp', hidden: [6, 5] },
    };
    // With one positive input, a unit of relu1 is off if its weight is negative.
    const run = (mask: boolean) =>
      compareGradients(
        createObjective({ ...single, backward: [{ layer: 'relu1', mask, derivative: { kind: 'straight-through' } }] }),
        { batch: 1 },
      );
    const [plain, open, masked] = [
      await compareGradients(createObjective(single), { batch: 1 }),
      await run(false),
      await run(true),
    ];
    const off = Array.from(plain.gradients[0]!, (value, j) => (value === 0 ? j : -1)).filter((j) => j >= 0);
    expect(off.length).toBeGreaterThan(0);
    const reached = off.filter((j) => open.gradients[0]![j] !== 0).length / off.length;
    expect(measure(8, 'share of the units that are off and get a gradient from g = 1', reached)).toBeGreaterThan(0);
    measure(8, 'the same with mask', off.filter((j) => masked.gradients[0]![j] !== 0).length / off.length);
    for (const j of off) expect(masked.gradients[0]![j]).toBe(0);
  });
});

describe('claim 9: the experiment of section 3.1', () => {
  it('leaves FC1 and FC3 bitwise unchanged', async () => {
    const { start, end } = await computeTrajectory(
      at(dense, 'relu2', { kind: 'silu' }, { frozen: ['fc1', 'fc3'], optimizer: { name: 'adam', learningRate: 0.1 } }),
      20,
    );
    const [first, second, third] = ['fc1.weights', 'fc2.weights', 'fc3.weights'].map((name) =>
      relativeError(end[name]!, start[name]!),
    );
    expect(measure(9, 'change of FC1 and FC3 in 20 steps of Adam', Math.max(first!, third!))).toBe(0);
    expect(measure(9, 'change of FC2', second!)).toBeGreaterThan(0);
  });
});
