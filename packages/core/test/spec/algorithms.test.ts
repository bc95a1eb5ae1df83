import { expect, it } from 'vitest';
import { parseJob } from '../../src/spec/index.ts';

const base = {
  name: 'numbers',
  objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
  search: { algorithm: 'cma-es', trials: 3 },
};
const number = { type: 'float', low: 0, high: 1 };
const choice = { type: 'categorical', choices: ['a', 'b'] };

it('cma-es takes numbers and constants', () => {
  expect(parseJob({ ...base, space: { x: number, n: { type: 'int', low: 1, high: 9 }, c: 3 } }).search.algorithm).toBe(
    'cma-es',
  );
});

it.each([
  ['a choice', { x: number, kind: choice }],
  ['a condition', { x: number, kind: { ...number, when: { n: [1] } }, n: { type: 'int', low: 1, high: 3 } }],
])('cma-es is refused for a space with %s', (_, space) => {
  expect(() => parseJob({ ...base, space })).toThrow('cma-es searches numbers without conditions, which kind is not');
});
