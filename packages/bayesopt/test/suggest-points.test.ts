import { expect, test } from 'vitest';
import { suggestPoint, suggestPoints, type Observation, type SuggestInput } from '../src/index.ts';

const space: SuggestInput['space'] = {
  x: { type: 'float', low: 0, high: 1 },
  k: { type: 'int', low: 1, high: 4 },
  kind: { type: 'categorical', choices: ['a', 'b'] },
};
const observed: Observation[] = Array.from({ length: 12 }, (_, number) => ({
  number,
  point: { x: (number * 0.37) % 1, k: 1 + (number % 4), kind: number % 2 ? 'a' : 'b' },
  status: number === 5 ? 'failed' : 'complete',
  value: (number * 7) % 5,
}));

test.each(['gp', 'tpe', 'random', 'sobol', 'grid'] as const)(
  'suggests with %s the same points at once as one by one',
  (algorithm) => {
    const settings = { algorithm, initial: 4, seed: 3, direction: 'minimize' } as const;
    const atOnce = suggestPoints({ space, settings, history: observed, number: 12 });
    const history = [...observed];
    for (let number = 12; number < 18; number++) {
      const suggestion = suggestPoint({ space, settings, history, number });
      expect(atOnce.next().value).toEqual(suggestion);
      if (suggestion.kind === 'exhausted') throw new Error('the space has more points');
      const { point, model } = suggestion;
      history.push(model ? { number, point, status: 'pending', model } : { number, point, status: 'pending' });
    }
  },
);

test('ends when the space has no further point', () => {
  const settings = { algorithm: 'random', initial: 4, seed: 3, direction: 'minimize' } as const;
  const small: SuggestInput['space'] = { k: { type: 'int', low: 1, high: 3 } };
  const suggestions = [...suggestPoints({ space: small, settings, history: [], number: 0 })];
  expect(suggestions.map(({ kind }) => kind)).toEqual(['point', 'point', 'point', 'exhausted']);
  expect(new Set(suggestions.map((suggestion) => suggestion.kind === 'point' && suggestion.point.k)).size).toBe(4);
});
