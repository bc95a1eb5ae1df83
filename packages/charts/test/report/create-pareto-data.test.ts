import { parseJob } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { createParetoData } from '../../src/report/create-pareto-data.ts';

const job = {
  name: 'several',
  objective: { kind: 'external', metric: { name: 'aulc', direction: 'minimize' } },
  space: { a: { type: 'float', low: 0, high: 1 } },
  objectives: [
    { metric: 'aulc', goal: 'minimize' },
    { metric: 'error', goal: 'minimize' },
  ],
  search: { trials: 8 },
};

test('lists the front first, then other complete trials', () => {
  const spec = parseJob(job);
  const front = [{ number: 2, values: [0.3, 10] }];
  const pareto = { objectives: spec.objectives!, front, hypervolume: 4, reference: [1, 20] };
  const trial = { value: 0.3, metrics: { error: 10 }, feasible: null };
  const data = createParetoData(spec, pareto, [
    { ...trial, number: 0, state: 'complete', value: 0.5 },
    { ...trial, number: 1, state: 'complete', feasible: false },
    { ...trial, number: 2, state: 'complete' },
    { ...trial, number: 3, state: 'running', value: null },
    { ...trial, number: 4, state: 'complete', metrics: {} },
  ]);
  expect(data.outcomes).toEqual([
    { number: 2, values: [0.3, 10], kind: 'front' },
    { number: 0, values: [0.5, 10], kind: 'dominated' },
    { number: 1, values: [0.3, 10], kind: 'infeasible' },
  ]);
});

test('names the area under the loss curve as the report does', () => {
  const spec = parseJob(job);
  const pareto = { objectives: spec.objectives!, front: [], hypervolume: 0, reference: null };
  expect(createParetoData(spec, pareto, []).objectives).toEqual([
    { name: 'AULC', direction: 'minimize' },
    { name: 'error', direction: 'minimize' },
  ]);
});
