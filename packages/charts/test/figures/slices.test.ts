import type { SeriesOption } from 'echarts';
import { expect, test } from 'vitest';
import { createFigure, themes, type TrialData } from '../../src/index.ts';
import { exampleReport } from '../fixture.ts';

const report = exampleReport();
const parameters = ['a', 'b', 'c'].map((name) => ({ name, type: 'float' as const, low: 0, high: 1 }));

/** The value of trial i is i, so that the first trials are the best of a minimized metric. */
function drawPanels(count: number, interactive: boolean) {
  const trials = Array.from({ length: count }, (_, i): TrialData => {
    const place = (i % 101) / 100;
    return { number: i, state: 'complete', value: i, point: { a: place, b: place, c: place } };
  });
  const metric = { name: 'loss', direction: 'minimize' as const };
  const view = { width: 900, theme: themes.light, interactive };
  return createFigure('slices', { ...report, metric, parameters, trials, model: null }, view);
}

/** Numbers of the trials of points: in rows, or of very many points in one array. */
function readNumbers(data: number[][] | Float64Array): number[] {
  return Array.isArray(data) ? data.map(([, , number]) => number!) : [...data].filter((_, i) => i % 4 === 2);
}

test('an interactive figure draws the best of very many trials and an even spread of the others, and says so', () => {
  const { option, notes, toTable } = drawPanels(30_000, true);
  const panels = ([option.series].flat() as SeriesOption[]).filter(({ id }) =>
    /^trials:(complete|above|below):/.test(String(id)),
  );
  const numbers = ['0', '1', '2'].map((panel) =>
    panels
      .filter(({ id }) => String(id).endsWith(`:${panel}`))
      .flatMap(({ data }) => readNumbers(data as number[][] | Float64Array)),
  );
  for (const drawn of numbers) {
    expect(drawn.length).toBeGreaterThan(15_000);
    expect(drawn.length).toBeLessThanOrEqual(50_000 / 3);
    expect(new Set(drawn).size).toBe(drawn.length);
    // The best tenth of the limit are all there, and of each thousand of the others about the same number.
    expect(drawn.filter((number) => number < 1_666)).toHaveLength(1_666);
    const thousands = Array.from({ length: 28 }, (_, k) => drawn.filter((n) => Math.floor(n / 1_000) === k + 2).length);
    expect(Math.max(...thousands) - Math.min(...thousands)).toBeLessThanOrEqual(1);
  }
  // Very many points are squares that a canvas fills without a path.
  expect(panels.find(({ id }) => id === 'trials:complete:0')).toMatchObject({
    symbolSize: 3,
    large: true,
    // Otherwise, they have a separate layer, above the tool tip.
    progressiveThreshold: Infinity,
  });
  expect(notes).toEqual([expect.stringMatching(/^1\d,\d{3} of 30,000 trials are drawn: the best, and some/)]);
  expect(toTable().rows).toHaveLength(30_000);
});

test('fewer trials, and densities, are drawn whole', () => {
  expect(drawPanels(16_000, true).notes).toEqual([]);
  expect(drawPanels(30_000, false).notes).toEqual([]);
});
