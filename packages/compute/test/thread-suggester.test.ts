import { suggestPoint } from '@gradsmith/bayesopt';
import { buildSearchInputs, parseJob } from '@gradsmith/core/spec';
import { expect, onTestFinished, test } from 'vitest';
import { ThreadSuggester } from '../src/index.ts';

test('suggests the same point as the optimizer in the caller’s thread', async () => {
  const spec = parseJob({
    name: 'sphere',
    objective: { kind: 'external', metric: { name: 'distance', direction: 'minimize' } },
    space: { x: { type: 'float', low: -1, high: 1 } },
    search: { trials: 3, seed: 7 },
  });
  const input = { ...buildSearchInputs(spec), history: [], number: 0 };
  const suggester = new ThreadSuggester();
  onTestFinished(async () => suggester.close());
  expect(await suggester.suggest('a', input, 1)).toEqual([suggestPoint(input)]);
});

test('returns as many suggestions as are wanted if they are quick', async () => {
  const spec = parseJob({
    name: 'sphere',
    objective: { kind: 'external', metric: { name: 'distance', direction: 'minimize' } },
    space: { x: { type: 'float', low: -1, high: 1 } },
    search: { trials: 9, seed: 7, algorithm: 'random' },
  });
  const input = { ...buildSearchInputs(spec), history: [], number: 0 };
  const suggester = new ThreadSuggester();
  onTestFinished(async () => suggester.close());
  // They are not quick in the first call, which also compiles the optimizer, and while the thread has no processor.
  const suggest = async () => suggester.suggest('a', input, 3);
  await expect.poll(suggest, { timeout: 10_000 }).toHaveLength(3);
  expect((await suggest())[0]).toEqual(suggestPoint(input));
});

test('creates a design without a thread for the algorithms that need no history', () => {
  const space = { x: { type: 'float', low: -1, high: 1 } } as const;
  const settings = { algorithm: 'random', initial: 3, seed: 7, direction: 'minimize' } as const;
  const suggester = new ThreadSuggester();
  onTestFinished(async () => suggester.close());
  const point = suggestPoint({ space, settings, history: [], number: 0 });
  expect(suggester.createDesign({ space, settings })!.suggest(0)).toEqual(point);
  expect(suggester.createDesign({ space, settings: { ...settings, algorithm: 'gp' } })).toBeNull();
  expect(suggester.createDesign({ space: { x: { type: 'int', low: 2, high: 1 } }, settings })).toBeNull();
});
