import { listBounds } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { listBoundValues } from '../../src/report/bounds.ts';

const parameters = [
  { name: 'rate', type: 'float', low: 0.001, high: 1, scale: 'log' },
  { name: 'width', type: 'int', low: 0, high: 10, step: 4 },
  { name: '__proto__', type: 'float', low: 0, high: 1 },
  { name: 'kind', type: 'categorical', choices: ['a', 'b'] },
] as const;

function createPoint(rate: number, width: number, share: number): Record<string, string | number> {
  return { rate, width, kind: 'a', ['__proto__']: share };
}

test('lists the parameters at a bound, with its side', () => {
  expect(listBoundValues(createPoint(0.001, 8, 0.9995), parameters)).toEqual([
    { name: 'rate', value: 0.001, side: 'lower', bound: 0.001 },
    { name: 'width', value: 8, side: 'upper', bound: 8 },
    { name: '__proto__', value: 0.9995, side: 'upper', bound: 1 },
  ]);
  expect(listBoundValues(createPoint(0.0011, 4, 0.995), parameters)).toEqual([]);
});

test('agrees with the status of a job', () => {
  const space = Object.fromEntries(parameters.map(({ name, ...definition }) => [name, definition]));
  for (const share of [0, 0.0005, 0.002, 0.5, 0.995, 0.9995, 1]) {
    const point = createPoint(0.001 ** (1 - share), 4 * Math.round(2 * share), share);
    const found = listBoundValues(point, parameters).map(({ name, bound }) => ({ parameter: name, bound }));
    expect(new Set(found)).toEqual(new Set(listBounds(point, space)));
  }
});
