import { describe, expect, it } from 'vitest';
import { checkObjective } from '../../src/objective/check-objective.ts';
import { trainingObjectiveSchema } from '../../src/objective/index.ts';
import { listSearchables } from '../../src/objective/searchables.ts';

const parse = (transpose: object, changes: object = {}) =>
  trainingObjectiveSchema.parse({
    kind: 'training',
    dataset: { name: 'two-gaussians' },
    network: { name: 'mlp', hidden: [8, 8] },
    optimizer: { name: 'sgd', weightDecay: 0.1 },
    backward: [{ layer: ['fc2', 'fc3'], transpose }],
    ...changes,
  });
const listProblems = (transpose: object, changes: object = {}): string[] =>
  checkObjective(parse(transpose, changes)).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('learned feedback', () => {
  it.each(['kolen-pollack', 'weight-mirror', 'direct-feedback-alignment'])('accepts %s', (kind) => {
    expect(listProblems({ kind })).toEqual([]);
  });

  it.each([
    ['gradient noise', { gradientNoise: { eta: 0.1 } }, /^backward\.0\.transpose\.kind: kolen-pollack .*gradientNoise/],
    [
      'a hypergradient',
      { optimizer: { name: 'sgd', hypergradient: { rate: 0.01 } } },
      /^backward\.0\.transpose\.kind: kolen-pollack .*hypergradient/,
    ],
    ['a frozen layer', { frozen: ['fc2'] }, /^backward\.0\.transpose\.kind: fc2 is frozen, .* use feedback-alignment$/],
  ])('refuses kolen-pollack with %s, which only it cannot have', (_, changes, message) => {
    expect(listProblems({ kind: 'kolen-pollack' }, changes)).toEqual([expect.stringMatching(message)]);
    expect(listProblems({ kind: 'weight-mirror' }, changes)).toEqual([]);
  });

  it.each([
    ['density', 'direct-feedback-alignment', 'weight-mirror'],
    ['density', 'feedback-alignment', 'sign-symmetry'],
    ['rate', 'weight-mirror', 'kolen-pollack'],
  ])('can search the %s of %s, and not that of %s', (field, kind, other) => {
    const canSearch = (of: string) =>
      listSearchables(parse({ kind: of })).isSearchable(`/backward/0/transpose/${field}`);
    expect([canSearch(kind), canSearch(other)]).toEqual([true, false]);
  });
});
