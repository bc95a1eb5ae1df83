import { describe, expect, test } from 'vitest';
import type { TrialData } from '../../src/index.ts';
import { draw, type DrawnSeries } from '../parse.ts';

type Direction = 'minimize' | 'maximize';

function drawValues(values: readonly number[], direction: Direction): DrawnSeries & { readonly step?: string } {
  const trials = values.map((value, number): TrialData => ({ number, state: 'complete', value, point: {} }));
  return draw('edf', { metric: { name: 'score', direction }, searches: [{ name: 'a', trials }] }).find('edf:0');
}

/** Reads the height of a drawn staircase between two of its places. */
function readStaircase({ data, step }: ReturnType<typeof drawValues>, x: number): number {
  const next = data.findIndex(([at]) => at! > x);
  return data[step === 'start' ? next : next - 1]![1]!;
}

describe('the distribution of the values', () => {
  test.each<Direction>(['minimize', 'maximize'])(
    'draws the share of trials that are as good, also in between: %s',
    (direction) => {
      const values = [0.9, 0.2, 0.5, 0.5, 0.7];
      const line = drawValues(values, direction);
      for (const x of [0.21, 0.49, 0.51, 0.69, 0.71, 0.89]) {
        const good = values.filter((value) => (direction === 'minimize' ? value <= x : value >= x));
        expect(readStaircase(line, x)).toBe(good.length / values.length);
      }
    },
  );

  test.each<Direction>(['minimize', 'maximize'])('says how many trials are beyond the scale: %s', (direction) => {
    const sign = direction === 'minimize' ? 1 : -1;
    const values = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 90, 100].map((value) => sign * value);
    const trials = values.map((value, number): TrialData => ({ number, state: 'complete', value, point: {} }));
    const data = { metric: { name: 'score', direction }, searches: [{ name: 'a', trials }] };
    const { notes, description } = draw('edf', data);
    expect(notes).toEqual(['Beyond the scale: 20 % of the complete trials.']);
    expect(description).toMatch(/^10 complete trials, median \S+\.$/);
    const both = draw('edf', { ...data, searches: [...data.searches, { name: 'b', trials: trials.slice(0, 8) }] });
    expect(both.notes).toEqual(['Beyond the scale: 20 % of the complete trials of a.']);
    expect(both.description).toMatch(/^a: 10 complete trials, median \S+\. b: 8 complete trials, /);
    expect(draw('edf', { ...data, searches: [{ name: 'a', trials: trials.slice(0, 8) }] }).notes).toEqual([]);
  });

  test('has one place for each distinct value', () => {
    expect(drawValues([0.5, 0.2, 0.5, 0.9], 'minimize').data).toEqual([
      [0.2, 0.25],
      [0.5, 0.75],
      [0.9, 1],
    ]);
    expect(drawValues([0.5, 0.2, 0.5, 0.9], 'maximize').data).toEqual([
      [0.2, 1],
      [0.5, 0.75],
      [0.9, 0.25],
    ]);
  });
});
