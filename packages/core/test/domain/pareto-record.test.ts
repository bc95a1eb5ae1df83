import { describe, expect, it } from 'vitest';
import { addToFront, isFrontOf, type ParetoRecord } from '../../src/domain/pareto-record.ts';

const signs = [1, -1];
/** The first value is minimized, the second one is maximized. */
const toCosts = (values: readonly number[]) => values.map((value, m) => value * signs[m]!);

const outcomes = new Map([
  [0, [1, 5]],
  [1, [2, 4]],
  [2, [3, 9]],
]);

function createFront(): ParetoRecord {
  let pareto: ParetoRecord | undefined;
  for (const [number, values] of outcomes) ({ pareto } = addToFront(pareto, { number, values }, toCosts));
  return structuredClone(pareto!);
}

describe('isFrontOf', () => {
  it('accepts the front that addToFront makes', () => {
    expect(createFront()).toEqual({
      front: [
        { number: 0, values: [1, 5] },
        { number: 2, values: [3, 9] },
      ],
      worst: [3, 4],
      omitted: 0,
    });
    expect(isFrontOf(createFront(), outcomes, toCosts)).toBe(true);
  });

  it('accepts no front if there is no outcome, and only then', () => {
    expect(isFrontOf(undefined, new Map(), toCosts)).toBe(true);
    expect(isFrontOf(undefined, outcomes, toCosts)).toBe(false);
    expect(isFrontOf(createFront(), new Map(), toCosts)).toBe(false);
  });

  it.each<[string, (pareto: ParetoRecord) => unknown]>([
    ['a trial is missing', ({ front }) => front.pop()],
    ['a trial is dominated', ({ front }) => front.push({ number: 1, values: [2, 4] })],
    ['values are not those of the trial', ({ front }) => (front[0]!.values[0] = 0.5)],
    ['values are listed twice', ({ front }) => front.push(front[0]!)],
    ['the worst values are not theirs', ({ worst }) => (worst[1] = 3)],
    ['the worst values are too many', ({ worst }) => worst.push(1)],
    ['a trial has too many values', ({ front }) => front[0]!.values.push(1)],
    ['the worst values are too few', ({ worst }) => worst.pop()],
  ])('refuses a front if %s', (_, change) => {
    const pareto = createFront();
    change(pareto);
    expect(isFrontOf(pareto, outcomes, toCosts)).toBe(false);
  });
});
