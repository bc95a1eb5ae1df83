import { expect, test } from 'vitest';
import { MAX_CURVE_STEPS, thinCurve } from '../../src/trials/index.ts';
import { outsideJob } from '../support/external.ts';
import { job } from '../support/jobs.ts';

test('a training keeps the mean of its capped losses', () => {
  const curve = Array.from({ length: 1000 }, (_, i) => (i < 5 ? 1e6 : 1));
  const { steps, values } = thinCurve(job(), curve);
  expect(steps).toHaveLength(MAX_CURVE_STEPS);
  expect([steps[0], steps.at(-1)]).toEqual([5, 1000]);
  expect(values[0]).toBeLessThan(10);
  expect(values.slice(1).every((value) => value === 1)).toBe(true);
});

test('reported values stay as they are, with the first and the last', () => {
  const curve = Array.from({ length: 999 }, (_, i) => i * 2);
  const { steps, values } = thinCurve(outsideJob(), curve);
  expect([steps[0], steps.at(-1)]).toEqual([1, 999]);
  expect(values).toEqual(steps.map((step) => curve[step - 1]));
  expect(thinCurve(outsideJob(), [7])).toEqual({ steps: [1], values: [7] });
  expect(thinCurve(outsideJob(), [])).toEqual({ steps: [], values: [] });
});
