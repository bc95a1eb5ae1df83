import { describe, expect, it } from 'vitest';
import { countNodesPerPoint, sampleBFunctions, trainingObjectiveSchema } from '../../src/objective/index.ts';

const LAYERS = 6;
const grid = { low: -2, high: 2, points: 5 };
const activations = Array.from({ length: LAYERS }, (_, i) => `act${i}`);

/** An objective whose activation layers share one formula. */
function createObjective(formula: string) {
  const hidden = activations.flatMap((name, i) => [
    { type: 'dense', name: `dense${i}`, units: 4 },
    { type: 'activation', name, function: i === LAYERS - 1 ? 'sigmoid' : 'tanh' },
  ]);
  return trainingObjectiveSchema.parse({
    kind: 'training',
    dataset: { name: 'two-gaussians', train: 100, validation: 100 },
    network: { layers: [...hidden, { type: 'dense', name: 'out', units: 2 }] },
    optimizer: { name: 'sgd', learningRate: 0.1 },
    batchSize: 10,
    epochs: 1,
    backward: [{ layer: activations, derivative: { kind: 'expression', formula } }],
  });
}

describe('sampleBFunctions', () => {
  it('computes a b-function once for all layers of the same activation', () => {
    const sampled = sampleBFunctions(createObjective('z + exp(sin(z))'), grid);
    expect(sampled.map(({ layer }) => layer)).toEqual(activations);
    const [first, second] = sampled;
    expect(second!.g).toBe(first!.g);
    expect(first!.g).toEqual(first!.z.map((z) => z + Math.exp(Math.sin(z))));
    const slopes = first!.z.map((z) => 1 - Math.tanh(z) ** 2);
    slopes.forEach((slope, i) => {
      expect(first!.derivative[i]).toBeCloseTo(slope, 12);
      expect(first!.rate[i]).toBeCloseTo(first!.g[i]! / slope, 10);
    });
    expect(sampled.at(-1)).toMatchObject({ activation: 'sigmoid' });
    expect(sampled.at(-1)!.derivative[2]).toBeCloseTo(0.25, 12);
  });

  it('computes a formula with depth for each layer', () => {
    const sampled = sampleBFunctions(createObjective('z + depth'), grid);
    expect(sampled.map(({ g }) => g[2])).toEqual(activations.map((_, i) => i / (LAYERS - 1)));
  });
});

it('countNodesPerPoint grows with the layers only if the formula uses depth', () => {
  const terms = '+z'.repeat(100);
  const shared = countNodesPerPoint(createObjective(`z${terms}`));
  const separate = countNodesPerPoint(createObjective(`depth${terms}`));
  // z and 100 sums of two operands, for two activations or for each layer.
  expect(shared).toBeGreaterThan(2 * 201);
  expect(shared).toBeLessThan(3 * 201);
  expect(separate - shared).toBeGreaterThanOrEqual((LAYERS - 2) * 201);
});
