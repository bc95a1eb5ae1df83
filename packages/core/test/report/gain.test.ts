import { describe, expect, test } from 'vitest';
import { meanInterval } from '../../src/index.ts';
import { studentT975 } from '../../src/report/student-t.ts';

describe('interval of a mean', () => {
  test('equals a worked example', () => {
    // Values 4, 6, 8: mean 6, s = 2, t(.975, 2) = 4.303, half = 4.303·2/√3 = 4.9687.
    const { mean, interval } = meanInterval([4, 6, 8]);
    expect(mean).toBe(6);
    expect(interval![0]).toBeCloseTo(6 - 4.9687, 3);
    expect(interval![1]).toBeCloseTo(6 + 4.9687, 3);
  });

  test('is not told from one value', () => {
    expect(meanInterval([1]).interval).toBeNull();
  });

  test('uses quantiles that meet where table and expansion join, and the normal one in the limit', () => {
    // Published tables of Student's t, two-sided 95 %.
    const known = { 1: 12.7062, 4: 2.7764, 30: 2.0423, 31: 2.0395, 60: 2.0003, 99: 1.9842, 1e6: 1.96 };
    for (const [degrees, quantile] of Object.entries(known)) expect(studentT975(Number(degrees))).toBeCloseTo(quantile, 3);
  });
});
