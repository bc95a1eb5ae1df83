import { describe, expect, it } from 'vitest';
import { checkObjective } from '../../src/objective/check-objective.ts';
import { listSnapshotSteps, trainingObjectiveSchema } from '../../src/objective/index.ts';

const listProblems = (changes: object): string[] =>
  checkObjective(
    trainingObjectiveSchema.parse({
      kind: 'training',
      dataset: { name: 'two-gaussians', train: 200 },
      network: { name: 'mlp', hidden: [8, 8] },
      optimizer: { name: 'adam' },
      epochs: 100,
      batchSize: 200,
      ...changes,
    }),
  ).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('record', () => {
  it('accepts a layer with weights', () => {
    expect(listProblems({ record: { weights: 'fc2' } })).toEqual([]);
  });

  it.each([
    [
      'several seeds',
      { seedsPerTrial: 2, record: { weights: 'fc2' } },
      /^seedsPerTrial: must be 1 with objective\.record, .* leave one of them out$/,
    ],
    ['a layer without weights', { record: { weights: 'relu2' } }, /^record\.weights: must be .* fc1, fc2, fc3$/],
    ['a frozen layer', { frozen: ['fc2'], record: { weights: 'fc2' } }, /^record\.weights: fc2 is frozen/],
    [
      'too many numbers',
      { network: { name: 'mlp', hidden: [100, 100] }, record: { weights: 'fc2' } },
      /^record\.every: makes 101 snapshots of 10000 weights, and 26 is the limit; set every to at least 4$/,
    ],
    [
      'a layer that is too large',
      { network: { name: 'mlp', hidden: [400, 400] }, record: { weights: 'fc2' } },
      /^record\.weights: fc2 has 160000 weights, and 131072 is the limit/,
    ],
  ])('refuses %s', (_, changes, message) => {
    expect(listProblems(changes)).toEqual([expect.stringMatching(message)]);
  });

  it('has the smallest `every` that its message names', () => {
    const network = { name: 'mlp', hidden: [100, 100] };
    expect(listProblems({ network, record: { weights: 'fc2', every: 4 } })).toEqual([]);
  });
});

it('takes snapshots at the start, every few steps and at the end', () => {
  expect(listSnapshotSteps(4, 2)).toEqual([0, 2, 4]);
  expect(listSnapshotSteps(5, 2)).toEqual([0, 2, 4, 5]);
  expect(listSnapshotSteps(3, 10)).toEqual([0, 3]);
});
