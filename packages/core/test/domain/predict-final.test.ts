import { describe, expect, test } from 'vitest';
import { predictFinal, type PredictionQuery } from '../../src/domain/predict-final.ts';
import { addFinalValue, addRungValue, type RungsRecord } from '../../src/domain/pruning.ts';

const query: PredictionQuery = { trial: 'new', rungs: [5, 10], isArea: false, direction: 'minimize' };

/** Complete trials with these values at steps 5 and 10 and at the end, and the new one. */
function record(at: number[], finals: number[], own: number): RungsRecord {
  const values: [string, number][] = [...at.map((value, i): [string, number] => [String(i), value]), ['new', own]];
  return { schema: 2, rungs: { 5: values, 10: values }, finals: finals.map((value, i) => [String(i), value]) };
}

describe('the prediction of a final value', () => {
  test('is exact where the others lie on a line', () => {
    const line = record([1, 2, 3, 4, 5, 6], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], 8);
    expect(predictFinal(line, query)).toBeCloseTo(0.8, 12);
    expect(predictFinal(line, { ...query, direction: 'maximize' })).toBeCloseTo(0.8, 12);
  });

  test('is the favorable end of the 95 % prediction interval', () => {
    const noisy = record([1, 2, 3, 4, 5, 6], [0.2, 0.1, 0.9, 0.6, 1.2, 1.1], 7);
    const x = 3.5;
    const y = 4.1 / 6;
    const slope =
      [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5].reduce((sum, d, i) => sum + d * [0.2, 0.1, 0.9, 0.6, 1.2, 1.1][i]!, 0) / 17.5;
    const residual =
      [0.2, 0.1, 0.9, 0.6, 1.2, 1.1].reduce((sum, v, i) => sum + (v - y - slope * (i + 1 - x)) ** 2, 0) / 4;
    const half = 2.776 * Math.sqrt(residual * (1 + 1 / 6 + 3.5 ** 2 / 17.5));
    const middle = y + slope * 3.5;
    expect(predictFinal(noisy, query)).toBeCloseTo(middle - half, 12);
    expect(predictFinal(noisy, { ...query, direction: 'maximize' })).toBeCloseTo(middle + half, 12);
  });

  test('of an area adds what remains, which depends on the loss since the rung before', () => {
    // Each trial has a loss of c per step in the second tenth, and a remaining area of 2·c.
    const losses = [1, 2, 3, 4, 5];
    const area: RungsRecord = {
      schema: 2,
      rungs: {
        10: [...losses.map((c): [string, number] => [String(c), 7 * c]), ['new', 100]],
        20: [...losses.map((c): [string, number] => [String(c), 17 * c]), ['new', 106]],
      },
      finals: losses.map((c) => [String(c), 19 * c]),
    };
    const area20 = { ...query, rungs: [10, 20], isArea: true };
    expect(predictFinal(area, area20)).toBeCloseTo(106 + 2 * 0.6, 10);
    // Without its value at the rung before, nothing is predicted.
    expect(predictFinal({ ...area, rungs: { 20: area.rungs['20']! } }, area20)).toBeNull();
  });

  test('is the better one of two rungs, and nothing at the first', () => {
    const line = record([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], 9);
    const earlier: RungsRecord = { ...line, rungs: { ...line.rungs, 5: [...line.rungs[5]!.slice(0, 5), ['new', 7]] } };
    expect(predictFinal(earlier, query)).toBeCloseTo(7, 10);
    expect(predictFinal(earlier, { ...query, direction: 'maximize' })).toBeCloseTo(9, 10);
    expect(predictFinal(earlier, { ...query, rungs: [5] })).toBeNull();
  });

  test('needs five complete trials, and uses the best eight', () => {
    expect(predictFinal(record([1, 2, 3, 4], [1, 2, 3, 4], 9), query)).toBeNull();
    const eight = Array.from({ length: 8 }, (_, i) => i + 1);
    const bad = record([...eight, 50, 60], [...eight, 1000, 4000], 9);
    expect(predictFinal(bad, query)).toBeCloseTo(9, 10);
  });

  test.each([
    ['minimize', 1],
    ['maximize', -1],
  ] as const)('uses the best complete trials of a long search, however old they are (%s)', (direction, sign) => {
    let long: RungsRecord = { schema: 2, rungs: {} };
    const add = (trial: string, value: number): void => {
      for (const rung of query.rungs) long = addRungValue(long, rung, trial, sign * value);
    };
    for (let i = 0; i < 600; i++) {
      // The first eight lie on a line near the best value; all later ones are far away and on another line.
      const value = i < 8 ? i + 1 : 100 + i;
      add(String(i), value);
      long = addFinalValue(long, direction, String(i), sign * (i < 8 ? value : 7 * value));
    }
    add('new', 9);
    expect(long.rungs[10]).toHaveLength(200);
    expect(long.finals).toHaveLength(200);
    expect(predictFinal(long, { ...query, direction })).toBeCloseTo(sign * 9, 10);
  });

  test('of equal values is their mean, whatever the value of the trial', () => {
    expect(predictFinal(record([1, 1, 1, 1, 1], [2, 2, 2, 2, 2], 5), query)).toBe(2);
  });
});
