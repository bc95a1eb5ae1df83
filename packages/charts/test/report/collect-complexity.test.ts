import { expect, test } from 'vitest';
import { collectComplexity } from '../../src/index.ts';
import { renderReport } from '../../src/report/render.ts';
import { exampleReport } from '../fixture.ts';

const formulas: readonly (readonly [rule: string, value: number])[] = [
  ['d', 3],
  ['d * z', 2],
  ['z', 4],
  ['d * tanh(z)', 1.5],
  ['d + d + d', 2.5],
  ['d *', 1],
];
const data = {
  ...exampleReport(),
  parameters: [{ name: 'rule', type: 'program' as const }],
  trials: formulas.map(([rule, value], number) => ({ number, state: 'complete' as const, value, point: { rule } })),
  confirmations: [],
  bFunctions: [],
};

test('finds the formulas that no simpler one is as good as; what is no formula is left out', () => {
  const { outcomes, objectives } = collectComplexity(data)!;
  expect(objectives.map(({ direction }) => direction)).toEqual(['minimize', 'minimize']);
  expect(outcomes.map(({ number, values, kind }) => [number, ...values, kind])).toEqual([
    [3, 4, 1.5, 'front'],
    [1, 3, 2, 'front'],
    [4, 5, 2.5, 'dominated'],
    [0, 1, 3, 'front'],
    [2, 1, 4, 'dominated'],
  ]);
  const maximized = collectComplexity({ ...data, metric: { name: 'accuracy', direction: 'maximize' } })!;
  expect(maximized.outcomes.filter(({ kind }) => kind === 'front').map(({ number }) => number)).toEqual([2]);
});

test('a report of formulas has their figure and the simplest ones as a table', () => {
  const page = renderReport(data);
  expect(page).toContain('Complexity and value of the formulas');
  const table = page.slice(page.indexOf('The simplest formulas'), page.indexOf('How it was run'));
  expect(table.match(/trial \d/g)).toEqual(['trial 0', 'trial 1', 'trial 3']);
  expect(table).toContain('d * tanh(z)');
});

test('a job without formulas has none of it', () => {
  expect(collectComplexity(exampleReport())).toBeNull();
  expect(renderReport(exampleReport())).not.toContain('formulas');
});
