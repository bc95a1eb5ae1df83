import { countPreActivations } from '@gradsmith/core/domain';
import { parseJob } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { listImplicitRates } from '../../src/index.ts';
import type { ImplicitRateData } from '../../src/report/data.ts';

const spec = parseJob({
  name: 'inputs',
  objective: {
    kind: 'training',
    dataset: { name: 'two-gaussians', train: 100, validation: 100 },
    network: { name: 'mlp' },
    optimizer: { name: 'adam', learningRate: 0.1 },
    epochs: 2,
    batchSize: 50,
    backward: [{ layer: 'relu2', derivative: { kind: 'meta-network', hidden: 1, activation: 'tanh' } }],
  },
  search: { trials: 4 },
});

/** Returns the rates of a trial whose inputs lie evenly from `low` to `high` at the end. */
function list(low: number, high: number, slope = 5): ImplicitRateData {
  const values = Array.from({ length: 2_000 }, (_, i) => low + ((high - low) * i) / 1_999);
  const moments = [
    { step: 1, ...countPreActivations([0, 1])! },
    { step: 3000, ...countPreActivations(values)! },
  ];
  return listImplicitRates(spec, {
    number: 1,
    point: { 'relu2.u': slope, 'relu2.b': 0, 'relu2.v': 3, 'relu2.d': 3 },
    metrics: { 'beta.relu2.dead': 0.25, learningRate: 0.05 },
    preActivations: [{ layer: 'relu2', moments }],
  })[0]!;
}

test('samples g over the range of the inputs, in round numbers, and at least over the usual one', () => {
  const ends = ({ z }: ImplicitRateData): number[] => [z[0]!, z[z.length - 1]!];
  expect(ends(list(-1, 2))).toEqual([-5, 5]);
  expect(ends(list(-16.3, 12))).toEqual([-20, 20]);
});

test('samples g only where it changes if the inputs spread much further', () => {
  const { z, found, dead } = list(-160, 120);
  expect([z[0], z[z.length - 1], dead]).toEqual([-5, 5, 0.25]);
  // It is no step: several places are on its slope.
  expect(Array.from(found.g).filter((g) => g > 0.5 && g < 5.5).length).toBeGreaterThan(8);
  // This one changes over the whole range.
  const flat = list(-160, 120, 0.02);
  expect(flat.z[flat.z.length - 1]).toBeGreaterThan(120);
});
