import { describe, expect, it } from 'vitest';
import { checkBounds } from '../../src/objective/check-bounds.ts';
import { checkObjective } from '../../src/objective/check-objective.ts';
import { trainingObjectiveSchema } from '../../src/objective/index.ts';
import { listSearchables } from '../../src/objective/searchable-fields.ts';

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

  it.each(['embed', 'position', 'attention'])(
    'is refused at %s, and the message names layers that take it',
    (layer) => {
      const layers = [
        { type: 'embedding', name: 'embed', vocabulary: 5, channels: 4 },
        { type: 'position', name: 'position' },
        { type: 'attention', name: 'attention', heads: 2 },
        { type: 'conv', name: 'each', filters: 6, kernel: 1 },
        { type: 'dense', name: 'fc', units: 4 },
      ];
      const tokens = { dataset: { name: 'marked-letter', length: 6, letters: 4 }, network: { layers } };
      for (const kind of ['kolen-pollack', 'weight-mirror']) {
        const of = (name: string) =>
          listProblems({ kind }, { ...tokens, backward: [{ layer: name, transpose: { kind } }] });
        expect(of(layer)).toEqual([
          expect.stringMatching(/transpose belongs to a convolution or dense layer: each, fc$/),
        ]);
        expect(of('each')).toEqual([]);
      }
    },
  );

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

  it('refuses to search kolen-pollack where a written one is refused', () => {
    const at = '/backward/0/transpose/kind';
    const search = (choices: string[]) =>
      checkBounds(
        parse({ kind: 'feedback-alignment' }, { gradientNoise: { eta: 0.1 } }),
        {
          kind: { type: 'categorical', choices },
        },
        { kind: at },
      );
    expect(search(['feedback-alignment', 'weight-mirror'])).toEqual([]);
    expect(search(['feedback-alignment', 'kolen-pollack'])).toEqual([
      {
        path: ['kind'],
        message: expect.stringMatching(/^\/backward\/0\/transpose\/kind kolen-pollack: .*gradientNoise/),
      },
    ]);
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
