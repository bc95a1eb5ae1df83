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
  expect(await suggester.suggest('a', input)).toEqual(suggestPoint(input));
});
