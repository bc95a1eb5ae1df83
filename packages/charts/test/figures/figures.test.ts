import { describe, expect, test } from 'vitest';
import {
  drawBFunctions,
  drawConfirmations,
  drawImportance,
  drawCurves,
  drawSearch,
  drawSlices,
  drawSparkline,
} from '../../src/index.ts';
import {
  backpropagation,
  bFunctions,
  confirmations,
  exampleReport,
  lossCurve,
  searchTrials,
  trainingLoss,
} from '../fixture.ts';
import { badlyPlaced, parseFigure } from '../parse.ts';

const report = exampleReport();
const losses = {
  meaning: trainingLoss,
  trials: report.trials
    .filter(({ curve }) => curve)
    .map(({ number, curve }) => ({ name: `trial ${number}`, values: curve! })),
  reference: { name: 'backpropagation', values: report.reference!.curve! },
};

const figures: Record<string, (size?: { width: number }) => string> = {
  bFunction: (size) => drawBFunctions(report.bFunctions[0]!, size),
  lossCurve: (size) => drawCurves(losses, size),
  search: (size) => drawSearch(report, size),
  confirm: (size) => drawConfirmations(report, size),
  slice: (size) => drawSlices(report, size),
  importance: (size) => drawImportance(report.importance!, size),
};

describe.each(Object.entries(figures))('%s', (_name, draw) => {
  test.each([360, 480, 720, 1400])('is well-formed and finite, with its labels apart, at width %i', (width) => {
    const parsed = parseFigure(draw({ width }));
    expect(parsed.width).toBe(width);
    expect(badlyPlaced(parsed)).toEqual([]);
  });

  test('has a name, a description and a role for screen readers', () => {
    const { elements } = parseFigure(draw());
    const byId = new Map(elements.map((element) => [element.attributes['id'], element]));
    const root = elements[0]!.attributes;
    expect(root['role']).toBe('img');
    expect(byId.get(root['aria-labelledby'])).toMatchObject({ name: 'title', content: expect.stringMatching(/\w/) });
    expect(byId.get(root['aria-describedby'])).toMatchObject({ name: 'desc', content: expect.stringMatching(/\d/) });
  });

  test('depends only on its data', () => {
    expect(draw()).toBe(draw());
  });
});

const contents = (svg: string): string[] => parseFigure(svg).texts.map(({ content }) => content);

test('draws the requested number of b-functions, labeled at their lines', () => {
  const drawn = contents(drawBFunctions(report.bFunctions[0]!, { count: 2 }));
  expect(drawn).toEqual(expect.arrayContaining(['g, trial 17', 'g, trial 9', 'ReLU′', 'σ′ = 0']));
  expect(drawn).not.toContain('g, trial 31');
});

test('labels the band with σ′ = 0 away from the curves', () => {
  // Levels from the bottom of the figure to its top, where the label would be otherwise.
  for (const d of [0.2, 1, 3, 5.5, 5.7, 5.9]) {
    const svg = drawBFunctions(
      bFunctions([
        { number: 1, u: 0, b: 0, v: 0, d },
        { number: 2, u: 0, b: 0, v: 0, d: 6 },
      ]),
    );
    const { texts, elements } = parseFigure(svg);
    const band = texts.find(({ content }) => content === 'σ′ = 0')!;
    const curves = elements.filter(
      ({ name, attributes }) => name === 'path' && attributes['class']?.startsWith('line'),
    );
    const levels = curves.map(({ attributes }) => Number(/^M[\d.-]+[ ,]([\d.-]+)/.exec(attributes['d']!)![1]));
    expect(levels).toHaveLength(3);
    for (const level of levels) expect(Math.abs(level - (band.top + band.bottom) / 2), `d = ${d}`).toBeGreaterThan(8);
  }
});

test('separates the labels of equal b-functions', () => {
  const same = [1, 2, 3, 4, 5].map((number) => ({ number, u: 0, b: 0, v: 1, d: 6 }));
  expect(badlyPlaced(parseFigure(drawBFunctions(bFunctions(same), { count: 5 })))).toEqual([]);
});

test('draws a diverged loss curve at the cap, so that the others stay readable', () => {
  const values = [2.3, 2.4, 80, 1e30, Number.NaN, Infinity];
  const svg = drawCurves({
    meaning: trainingLoss,
    trials: [{ name: 'trial 0', values }],
    reference: { name: 'backpropagation', values: lossCurve(6, 1, 1) },
  });
  const ticks = contents(svg)
    .filter((content) => /^[\d.]+$/.test(content))
    .map(Number);
  expect(Math.max(...ticks)).toBeLessThanOrEqual(8);
});

test('the search figure distinguishes states and shows their counts', () => {
  const counts = Map.groupBy(report.trials, ({ state }) => state);
  const drawn = contents(drawSearch(report));
  for (const state of ['complete', 'diverged', 'failed'] as const)
    expect(drawn).toContain(`${state} ${counts.get(state)!.length}`);
  expect(drawn).toContain(`pruned ${counts.get('pruned')!.length}, lower bounds`);
  expect(drawn).toEqual(expect.arrayContaining(['backpropagation', 'best so far']));
});

test('best so far follows the direction of the metric', () => {
  const trials = [0.5, 0.7, 0.6].map((value, number) => ({ number, state: 'complete' as const, value, point: {} }));
  const description = (direction: 'minimize' | 'maximize'): string =>
    parseFigure(drawSearch({ metric: { name: 'accuracy', direction }, trials, reference: null })).elements.find(
      ({ name }) => name === 'desc',
    )!.content;
  expect(description('maximize')).toContain('Best 0.7 at trial 1');
  expect(description('minimize')).toContain('Best 0.5 at trial 0');
});

test('draws 50,000 trials in a small figure', () => {
  const trials = searchTrials(50_000);
  const search = drawSearch({ ...report, trials });
  const slices = drawSlices({ ...report, trials });
  for (const svg of [search, slices]) {
    expect(svg.length).toBeLessThan(250_000);
    expect(parseFigure(svg).elements.length).toBeLessThan(500);
  }
  expect(contents(search)).toContain(
    `complete ${trials.filter(({ state }) => state === 'complete').length.toLocaleString('en')}`,
  );
});

test('draws one trial, equal values and huge values', () => {
  for (const values of [[2], [2, 2, 2], [1e300, -1e300, 3], [5e-324, 0], [1e8, 1e8 + 1]]) {
    const trials = values.map((value, number) => ({ number, state: 'complete' as const, value, point: { a: value } }));
    const parameters = [{ name: 'a', type: 'float' as const, low: -1e300, high: 1e300 }];
    const data = { metric: report.metric, parameters, trials, reference: { ...backpropagation, value: values[0]! } };
    for (const svg of [drawSearch(data), drawSlices(data)]) expect(badlyPlaced(parseFigure(svg))).toEqual([]);
  }
});

test('the confirm figure shows the mean and interval of each point, or that there is none', () => {
  expect(contents(drawConfirmations(report))).toEqual(
    expect.arrayContaining(['trial 17', '+0.050 [0.037, 0.063]', '+0.013 [−0.009, 0.035]']),
  );
  const single = { number: 3, gains: [{ seed: 0, gain: 0.02 }], mean: 0.02, interval: null };
  expect(contents(drawConfirmations({ ...report, confirmations: [single] }))).toContain('+0.02, 1 pair: no interval');
});

test('colors only an interval that excludes zero', () => {
  const { elements } = parseFigure(drawConfirmations(report));
  const result = (part: string): string | undefined =>
    elements.find(({ name, content }) => name === 'text' && content.includes(part))?.attributes['class'];
  expect(result('[0.037')).toBe('tint c3');
  expect(result('[−0.009')).toBe('soft');
  expect(result('[−0.0298')).toBe('tint c2');
});

test('logarithmic parameters have ticks at powers of ten', () => {
  expect(contents(drawSlices(report))).toEqual(expect.arrayContaining(['0.0001', '0.01', '1', 'max', 'mean']));
});

test('each figure without data says what is missing', () => {
  const empty = [
    drawBFunctions(bFunctions([])).includes('ReLU'),
    contents(drawBFunctions({ layer: 'a', activation: 'ReLU', z: [], derivative: [], found: [] }))[0],
    contents(drawCurves({ meaning: trainingLoss, trials: [], reference: null }))[0],
    contents(drawSearch({ metric: report.metric, trials: [], reference: null }))[0],
    contents(drawConfirmations({ metric: report.metric, reference: report.reference, confirmations: [] }))[0],
    contents(drawSlices({ metric: report.metric, parameters: [], trials: [] }))[0],
    contents(drawImportance([]))[0],
  ];
  expect(empty).toEqual([
    true,
    'No b-function to show yet.',
    'No loss curve to show yet.',
    'No trial has settled yet.',
    'Nothing has been confirmed on fresh seeds yet.',
    'No parameter is searched.',
    'No importance has been computed yet.',
  ]);
});

test('says that shares overlap if their sum exceeds 100 %', () => {
  const draw = (...shares: number[]) =>
    drawImportance(
      shares.map((share, i) => ({ name: `p${i}`, share })),
      { width: 360 },
    );
  const note = 'Shares overlap: their sum is above 100 %.';
  expect(contents(draw(0.7, 0.6))).toContain(note);
  expect(badlyPlaced(parseFigure(draw(0.7, 0.6)))).toEqual([]);
  expect(contents(draw(0.4, 0.6))).not.toContain(note);
});

test('a sparkline works without values and marks its latest one', () => {
  expect(parseFigure(drawSparkline([])).elements.some(({ name }) => name === 'circle')).toBe(false);
  const { elements } = parseFigure(drawSparkline([1, 3, Number.NaN, 2], { width: 50, height: 20 }));
  expect(Number(elements.find(({ name }) => name === 'circle')!.attributes['cx'])).toBe(46);
});

test('draws one row per confirmation for many confirmations', () => {
  const many = Array.from({ length: 20 }, (_, number) => ({ ...confirmations[0]!, number }));
  expect(badlyPlaced(parseFigure(drawConfirmations({ ...report, confirmations: many })))).toEqual([]);
});
