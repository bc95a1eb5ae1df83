import { expect, test } from 'vitest';
import { PointDesign, suggestPoint, type Observation, type SuggestInput } from '../src/index.ts';

const spaces: Record<string, SuggestInput['space']> = {
  continuous: { x: { type: 'float', low: 0, high: 1 }, rate: { type: 'float', low: 1e-4, high: 1, scale: 'log' } },
  mixed: { x: { type: 'float', low: 0, high: 1, step: 0.25 }, kind: { type: 'categorical', choices: ['a', 'b'] } },
  finite: { k: { type: 'int', low: 1, high: 8 }, j: { type: 'int', low: 1, high: 3 } },
  programs: {
    x: { type: 'float', low: 0, high: 1 },
    rule: { type: 'program', operands: ['d', 'z'], functions: ['add', 'mul'], maxNodes: 5, start: ['d * z', 'd'] },
  },
  single: { k: { type: 'int', low: 1, high: 1 } },
};

const cases = Object.keys(spaces).flatMap((name) =>
  (['random', 'sobol'] as const).map((algorithm) => [name, algorithm]),
);

test.each(cases.filter(([name, algorithm]) => name !== 'programs' || algorithm === 'random'))(
  'gives the points of suggestPoint until the space is exhausted: %s, %s',
  (name, algorithm) => {
    const space = spaces[name!]!;
    const settings = { algorithm: algorithm as 'random', initial: 4, seed: 5, direction: 'minimize' } as const;
    const design = new PointDesign({ space, settings });
    const history: Observation[] = [];
    for (let number = 0; number < 40; number++) {
      const suggestion = design.suggest(number);
      expect(suggestion).toEqual(suggestPoint({ space, settings, history, number }));
      if (suggestion.kind === 'exhausted') break;
      history.push({ number, point: suggestion.point, status: number % 3 ? 'complete' : 'pending', value: 1 });
      design.add(suggestion.point);
    }
    expect(design.isQuick).toBe(name === 'continuous' || name === 'programs');
  },
);

test('refuses an algorithm that needs the history, and an invalid space', () => {
  const settings = { algorithm: 'gp', initial: 4, seed: 5, direction: 'minimize' } as const;
  expect(() => new PointDesign({ space: spaces.finite!, settings })).toThrow(RangeError);
  const space: SuggestInput['space'] = { k: { type: 'int', low: 2, high: 1 } };
  expect(() => new PointDesign({ space, settings: { ...settings, algorithm: 'random' } })).toThrow('k');
});
