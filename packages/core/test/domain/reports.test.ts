import { describe, expect, test } from 'vitest';
import { addReport, MAX_REPORTS, type ReportsRecord } from '../../src/domain/reports.ts';

function reportAll(steps: readonly number[], value: (step: number) => number): ReportsRecord {
  return steps.reduce<ReportsRecord>((record, step) => addReport(record, { step, value: value(step) }, 'minimize'), {
    schema: 2,
  });
}

const countTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('the reports of an attempt', () => {
  test('are all kept up to the limit', () => {
    const { values } = reportAll(countTo(MAX_REPORTS), (step) => 1 / step);
    expect(values!.points).toEqual(countTo(MAX_REPORTS).map((step) => [step, Number((1 / step).toPrecision(8))]));
  });

  test.each([1, 129, 1_000, 100_000])('are at most 128 of %i, with the first and the latest', (count) => {
    const points = reportAll(countTo(count), (step) => step).values!.points;
    expect(points.length).toBeLessThanOrEqual(MAX_REPORTS);
    expect(points[0]).toEqual([1, 1]);
    expect(points.at(-1)).toEqual([count, count]);
    expect(points.length).toBeGreaterThanOrEqual(Math.min(count, MAX_REPORTS / 2));
  });

  test('are evenly spread over the steps', () => {
    const points = reportAll(countTo(10_000), () => 0).values!.points;
    const gaps = points.slice(1, -1).map(([step], i) => step - points[i]![0]);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * Math.min(...gaps));
  });

  test('need few bytes, however many there are and whatever their size', () => {
    const steps = countTo(3_000).map((n) => n * 3_000_000_000_000);
    const record = reportAll(steps, (step) => -Math.PI * 1e-200 * step);
    expect(JSON.stringify(record).length).toBeLessThan(6_000);
  });

  test('hold the best value exactly, also if its point was left out', () => {
    const { best, values } = reportAll(countTo(5_000), (step) => (step === 778 ? 1 / 3 : 1));
    expect(best).toEqual({ step: 778, value: 1 / 3 });
    expect(values!.points.some(([step]) => step === 778)).toBe(false);
  });

  test('of a training are its partial sums', () => {
    const record = addReport(undefined, { step: 8, partialSum: 0.5 }, 'minimize');
    expect(record).toEqual({ schema: 2, sums: { gap: 1, points: [[8, 0.5]] } });
  });

  test('hold no value that is not finite', () => {
    const { points } = reportAll([1, 2], () => Number.MAX_VALUE).values!;
    expect(points.every(([, value]) => Number.isFinite(value))).toBe(true);
  });
});
