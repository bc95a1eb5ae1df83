import { expect, test } from 'vitest';
import { getPrunedValue, parseJob } from '../../src/spec/index.ts';
import { jobInput } from '../support/jobs.ts';

const training = parseJob(jobInput);
const module = parseJob({
  name: 'module',
  objective: { kind: 'module', module: 'm', metric: { name: 'aulc', direction: 'minimize' } },
  space: { x: { type: 'float', low: 0, high: 1 } },
  search: { trials: 4 },
});
const accuracy = { ...training, objective: { ...training.objective, metric: 'validation-accuracy' as const } };

test.each([
  ['median', 'when-stopped'],
  ['asha', 'when-stopped'],
  ['predicted', 'bound'],
  [{ rule: 'patience', steps: 3 }, 'bound'],
] as const)('the values of trials that were pruned by %j', (pruning, expected) => {
  const prunedBy = (spec: typeof module) => getPrunedValue({ ...spec, search: { ...spec.search, pruning } });
  expect(prunedBy(accuracy as typeof module)).toBe(expected);
  expect(prunedBy(module)).toBe(expected);
  expect(prunedBy(training)).toBe('bound');
});
