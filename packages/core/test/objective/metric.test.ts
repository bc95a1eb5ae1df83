import { array, assert, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  computeAulc,
  computeLossCap,
  computeMeanLosses,
  computePartialAulc,
  getMetricDirection,
} from '../../src/objective/metric.ts';

const CAP = computeLossCap(10);

describe('area under the loss curve', () => {
  it('of a constant loss is that loss', () => {
    for (const steps of [1, 2, 3, 50])
      expect(
        computeAulc(
          Array.from({ length: steps }, () => 1.25),
          steps,
          CAP,
        ),
      ).toBeCloseTo(1.25, 12);
  });

  it('of a straight line is its middle', () => {
    expect(computeAulc([4, 3, 2, 1, 0], 5, CAP)).toBeCloseTo(2, 12);
  });

  it('weights the ends by one half', () => {
    expect(computeAulc([2, 0, 0], 3, CAP)).toBeCloseTo(0.5, 12);
    expect(computeAulc([0, 2, 0], 3, CAP)).toBeCloseTo(1, 12);
  });

  it('caps at three times the loss of guessing, including missing steps and NaN', () => {
    expect(CAP).toBeCloseTo(6.9078, 4);
    expect(computeAulc([100, 100], 2, CAP)).toBe(CAP);
    expect(computeAulc([], 7, CAP)).toBeCloseTo(CAP, 12);
    expect(computeAulc([Number.NaN, Infinity], 2, CAP)).toBeCloseTo(CAP, 12);
    expect(computeAulc([1], 3, CAP)).toBeCloseTo(0.25 + 0.75 * CAP, 12);
  });

  it('partial sums grow to the value and never pass it', () => {
    assert(
      property(array(double({ min: 0, max: 50, noNaN: true }), { minLength: 1, maxLength: 40 }), (losses) => {
        const whole = computeAulc(losses, losses.length, CAP);
        let last = 0;
        for (let n = 0; n <= losses.length; n++) {
          const partial = computePartialAulc(losses.slice(0, n), losses.length, CAP);
          expect(partial).toBeGreaterThanOrEqual(last);
          expect(partial).toBeLessThanOrEqual(whole + 1e-12);
          last = partial;
        }
        expect(last).toBeCloseTo(whole, 12);
      }),
    );
  });
});

it('only accuracy is better when larger', () => {
  expect((['aulc', 'final-loss', 'validation-loss', 'validation-accuracy'] as const).map(getMetricDirection)).toEqual([
    'minimize',
    'minimize',
    'minimize',
    'maximize',
  ]);
});

describe('mean losses between partial sums', () => {
  const losses = [4, 2, 3, 1, 5, 7];
  const sumTo = (step: number): [number, number] => [step, computePartialAulc(losses.slice(0, step), 6, 100)];

  it('are the means of the steps between them, with half weight for the first and the last step', () => {
    const means = computeMeanLosses([1, 3, 5, 6].map(sumTo), 6);
    [4, 2.5, 3, 7].forEach((mean, i) => expect(means[i]).toBeCloseTo(mean, 12));
    expect(computeMeanLosses([sumTo(3)], 6)[0]).toBeCloseTo((4 / 2 + 2 + 3) / 2.5, 12);
  });

  it('are finite for any steps', () => {
    expect(computeMeanLosses([[1, 2.5]], 1)).toEqual([2.5]);
    for (const sums of [
      [
        [7, 1],
        [9, 2],
      ],
      [[0, 1]],
      [
        [3, 2],
        [3, 1],
      ],
    ] as [number, number][][])
      expect(computeMeanLosses(sums, 6).every(Number.isFinite)).toBe(true);
  });
});
