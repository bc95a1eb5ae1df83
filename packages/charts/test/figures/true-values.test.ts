import { describe, expect, test } from 'vitest';
import {
  drawCurves,
  formatBound,
  drawImportance,
  drawSearch,
  drawSlices,
  type CurveMeaning,
  type TrialData,
} from '../../src/index.ts';
import { backpropagation, trainingLoss } from '../fixture.ts';
import { badlyPlaced, parseFigure, type ParsedFigure } from '../parse.ts';

// Figures show their values exactly, and mark values that they cannot show.

const accuracy: CurveMeaning = { quantity: 'accuracy', cap: null, isArea: false };

function listTexts(svg: string): string[] {
  return parseFigure(svg).texts.map(({ content }) => content);
}

function findClass({ elements }: ParsedFigure, name: string): Readonly<Record<string, string>>[] {
  return elements.map(({ attributes }) => attributes).filter((attributes) => attributes['class'] === name);
}

/** Reads the value at a height of the figure from the labels of its grid lines. */
function readScale(figure: ParsedFigure, y: number): number {
  const lines = findClass(figure, 'grid').map((line) => Number(line['y1']));
  const labels = figure.elements
    .filter(({ name, attributes }) => name === 'text' && attributes['text-anchor'] === 'end')
    .map(({ content, attributes }) => ({ value: toNumber(content), y: Number(attributes['y']) - 4 }));
  const known = labels.filter((label) => Number.isFinite(label.value) && lines.includes(label.y));
  const [first, last] = [known[0]!, known.at(-1)!];
  return first.value + ((y - first.y) * (last.value - first.value)) / (last.y - first.y);
}

function toNumber(written: string): number {
  return Number(written.replaceAll('−', '-').replaceAll(',', ''));
}

function listHeights({ d = '' }: Readonly<Record<string, string>>): number[] {
  return [...d.matchAll(/[ML]\S+? (-?[\d.]+)/g)].map(([, y]) => Number(y));
}

function makeTrial(number: number, value: number | null, state: TrialData['state'] = 'complete'): TrialData {
  return { number, state, value, point: { a: number } };
}

describe('curves', () => {
  test('draw the values of a rising metric and name it', () => {
    const values = [0.1, 0.2, 0.4, 0.6, 0.8, 0.95];
    const svg = drawCurves({ meaning: accuracy, trials: [{ name: 'trial 0', values }], reference: null });
    const figure = parseFigure(svg);
    const heights = listHeights(findClass(figure, 'line c1')[0]!);
    heights.forEach((y, i) => expect(readScale(figure, y)).toBeCloseTo(values[i]!, 2));
    expect(heights).toHaveLength(6);
    expect(listTexts(svg)).toContain('accuracy');
    expect(svg).not.toMatch(/loss/i);
  });

  test('mark losses above the cap as clipped', () => {
    const draw = (values: number[]) =>
      drawCurves({ meaning: trainingLoss, trials: [{ name: 'trial 0', values }], reference: null });
    const clipped = draw([2.3, 2.2, 80, Number.NaN, 2]);
    expect(findClass(parseFigure(clipped), 'fill c1')).toHaveLength(2);
    expect(listTexts(clipped)).toContain('loss on the training batch (triangles: beyond the scale)');
    const unclipped = draw([2.3, 2.2, 2.1]);
    expect(findClass(parseFigure(unclipped), 'fill c1')).toHaveLength(0);
    expect(listTexts(unclipped)).toContain('loss on the training batch');
  });

  test('mention the AULC only if it is the metric', () => {
    const curve = { name: 'a', values: [3, 2, 1] };
    const draw = (isArea: boolean): string =>
      drawCurves({ meaning: { ...trainingLoss, isArea }, trials: [curve], reference: curve });
    expect(draw(true)).toContain('AULC');
    expect(draw(false)).not.toContain('AULC');
  });
});

describe('search', () => {
  const draw = (
    trials: TrialData[],
    reference: number | null = null,
    direction: 'minimize' | 'maximize' = 'minimize',
  ): string =>
    drawSearch({ metric: { name: 'error', direction }, trials, reference: { ...backpropagation, value: reference } });

  test.each([
    ['far above the trials', [1, 2, 3], 50, 'minimize'],
    ['far above the trials, higher is better', [1, 2, 3], 50, 'maximize'],
    ['far below the trials, higher is better', [10, 20, 30], -400, 'maximize'],
    ['without a complete trial', [], 5, 'minimize'],
  ] as const)('keeps the reference inside the scale: %s', (_name, values, reference, direction) => {
    const trials = [...values.map((value, i) => makeTrial(i, value)), makeTrial(9, 1, 'diverged')];
    const figure = parseFigure(draw(trials, reference, direction));
    const line = findClass(figure, 'line ref dash')[0]!;
    expect(readScale(figure, Number(line['y1']))).toBeCloseTo(reference, 0);
    expect(badlyPlaced(figure)).toEqual([]);
  });

  test('draws pruned trials as bounds, distinct from results', () => {
    const trials = [makeTrial(0, 1), makeTrial(1, 2), makeTrial(2, 1.5, 'pruned')];
    for (const [direction, bounds, sign] of [
      ['minimize', 'lower bounds', -1],
      ['maximize', 'upper bounds', 1],
    ] as const) {
      const svg = draw(trials, null, direction);
      expect(listTexts(svg)).toContain(`pruned 1, ${bounds}`);
      const [, mark] = findClass(parseFigure(svg), 'mark c5')
        .map(listHeights)
        .toSorted((a, b) => a[0]! - b[0]!);
      expect(Math.sign(mark![3]! - mark![2]!)).toBe(sign);
      expect(findClass(parseFigure(svg), 'fill c5')).toHaveLength(0);
    }
  });

  test('marks values beyond the scale as clipped and counts them', () => {
    const values = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 1e6, 2e6];
    const svg = draw(values.map((value, i) => makeTrial(i, value)));
    expect(listTexts(svg)).toContain('beyond the scale 2');
    const shapes = findClass(parseFigure(svg), 'fill c1');
    expect(shapes.filter(({ d }) => d !== undefined)).toHaveLength(2);
    expect(listTexts(draw([makeTrial(0, 1), makeTrial(1, 2)])).join()).not.toContain('beyond');
  });
});

test('a slice marks values beyond the scale as clipped', () => {
  const values = [1, 1.1, 1.2, 1.3, 1.4, 1e6];
  const svg = drawSlices({
    metric: { name: 'error', direction: 'minimize' },
    parameters: [{ name: 'a', type: 'float', low: 0, high: 5 }],
    trials: values.map((value, i) => makeTrial(i, value)),
  });
  expect(svg).toContain('triangles: beyond the scale');
  expect(findClass(parseFigure(svg), 'fill c1').filter(({ d }) => d !== undefined)).toHaveLength(1);
});

test.each([
  [[0.504, 0.502], false],
  [[0.5, 0.5], false],
  [[0.334, 0.334, 0.334], false],
  [[0.64, 0.41, 0.37], true],
])('shares %j overlap: %s', (shares, overlap) => {
  const svg = drawImportance(shares.map((share, i) => ({ name: `p${i}`, share })));
  expect(svg.includes('Shares overlap')).toBe(overlap);
});

test('the value of a pruned trial is written as a bound', () => {
  expect(formatBound({ state: 'pruned', value: 1.5 }, 'minimize')).toBe('≥ 1.5');
  expect(formatBound({ state: 'pruned', value: 1.5 }, 'maximize')).toBe('≤ 1.5');
  expect(formatBound({ state: 'complete', value: 1.5 }, 'minimize')).toBe('1.5');
  expect(formatBound({ state: 'failed', value: null }, 'minimize')).toBe('–');
});
