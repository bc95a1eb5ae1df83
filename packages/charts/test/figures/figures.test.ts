import { describe, expect, test } from 'vitest';
import { mergeClose, type TrialPoint } from '../../src/figures/points.ts';
import {
  type AllCurvesData,
  collectBestCurves,
  collectConfirmedCurves,
  createFigure,
  type CurveMeaning,
  type ModelData,
  namePoint,
  type ReportData,
  type RunData,
  readTrialNumber,
  themes,
} from '../../src/index.ts';
import { initChart } from '../../src/render/echarts.ts';
import { renderSvg } from '../../src/render/render-svg.ts';
import { formatNumber } from '../../src/text/numbers.ts';
import {
  backpropagation,
  bFunctions,
  confirmations,
  exampleReport,
  implicitRate,
  lossCurve,
  searchTrials,
  trainingLoss,
} from '../fixture.ts';
import { badlyPlaced, draw, type Drawn, parseFigure } from '../parse.ts';

const report = exampleReport();
const losses = {
  meaning: trainingLoss,
  trials: report.trials
    .filter(({ curve }) => curve)
    .map(({ number, curve }) => ({ name: `trial ${number}`, number, values: curve! })),
  reference: { name: 'backpropagation', values: report.reference!.curve! },
};

/** Runs of one point on five seeds. */
function repeats(steps: number, end: number): { steps: number[]; values: number[] }[] {
  return [1, 2, 3, 4, 5].map((seed) => ({
    steps: Array.from({ length: steps }, (_, i) => 10 * (i + 1)),
    values: lossCurve(steps, end, seed),
  }));
}

const confirmed: ReportData = {
  ...report,
  reference: { ...report.reference!, runs: repeats(40, 1.45) },
  confirmations: report.confirmations.map((entry, i) => ({ ...entry, name: 'gelu', runs: repeats(40, 1.2 + i / 10) })),
};

const reported: AllCurvesData = {
  meaning: trainingLoss,
  direction: 'minimize',
  best: 2,
  total: 900,
  trials: (['complete', 'pruned', 'complete', 'running', 'diverged'] as const).map((state, number) => ({
    number,
    name: number === 1 ? 'gelu' : undefined,
    state,
    run: repeats(number === 1 ? 12 : 40, 1 + number / 4)[0]!,
  })),
};

/** A bowl over two parameters, one of them on a log scale. */
const side = Array.from({ length: 21 }, (_, i) => i / 20);
const model: ModelData = {
  point: {},
  slices: [],
  grid: {
    x: { name: 'learningRate', at: side.map((at) => 10 ** (4 * at - 4)) },
    y: { name: 'relu7.d', at: side.map((at) => 6 * at - 3) },
    mean: side.flatMap((y) => side.map((x) => 2 + (x - 0.25) ** 2 + (y - 0.75) ** 2)),
    deviation: side.flatMap(() => side.map(() => 0.1)),
  },
};

const attempts = (['reported', 'expired', 'released', 'running', 'failed'] as const).map((outcome, i) => ({
  trial: i === 4 ? 'reference' : String(i),
  worker: `worker-${i % 2}`,
  startedAt: 1e12 + i * 60_000,
  finishedAt: 1e12 + i * 60_000 + 90_000,
  outcome,
}));

type View = Parameters<typeof draw>[2];

const figures: Record<string, (view?: View) => Drawn> = {
  'b-functions': (view) => draw('b-functions', report.bFunctions[0]!, view),
  'implicit-rate': (view) => draw('implicit-rate', implicitRate(), view),
  curves: (view) => draw('curves', losses, view),
  'curves on fresh seeds': (view) => draw('curves', collectConfirmedCurves(confirmed)!, view),
  'all-curves': (view) => draw('all-curves', reported, view),
  search: (view) => draw('search', report, view),
  confirmations: (view) => draw('confirmations', report, view),
  slices: (view) => draw('slices', report, view),
  parallel: (view) => draw('parallel', report, view),
  contour: (view) => draw('contour', { ...report, model }, view),
  rank: (view) => draw('rank', { ...report, pair: ['relu7.d', 'pooling'] }, view),
  edf: (view) => draw('edf', { ...report, searches: [{ name: 'a', trials: report.trials }] }, view),
  timeline: (view) => draw('timeline', { attempts }, view),
  importance: (view) => draw('importance', report.importance!, view),
};

describe.each(Object.entries(figures))('%s', (_name, drawIt) => {
  test.each([342, 480, 736, 1400])('is well-formed and finite, with legible labels apart, at width %i', (width) => {
    const parsed = parseFigure(drawIt({ width }).svg);
    expect(parsed.width).toBe(width);
    expect(parsed.texts.every(({ size }) => size >= 10)).toBe(true);
    expect(badlyPlaced(parsed)).toEqual([]);
  });

  test('has a name, a description and a role for screen readers', () => {
    const { elements } = parseFigure(drawIt().svg);
    const byId = new Map(elements.map((element) => [element.attributes['id'], element]));
    const root = elements[0]!.attributes;
    expect(root['role']).toBe('img');
    expect(byId.get(root['aria-labelledby'])).toMatchObject({ name: 'title', content: expect.stringMatching(/\w/) });
    expect(byId.get(root['aria-describedby'])).toMatchObject({ name: 'desc', content: expect.stringMatching(/\d/) });
  });

  test('depends only on its data, and follows the colors of its page', () => {
    const { svg } = drawIt();
    expect(drawIt().svg).toBe(svg);
    expect(svg).toContain('var(--gs-');
    expect(svg).not.toMatch(/ecmeta|style|<script|zr\d/);
  });

  test('uses the colors and the size of its theme, with tool tips in a page', () => {
    const { svg } = drawIt({ theme: themes.dark, interactive: true });
    expect(svg).not.toContain('var(');
    expect(svg).toContain(themes.dark.muted);
    expect(drawIt({ interactive: true }).option.tooltip).toMatchObject({ renderMode: 'richText' });
    const paper = parseFigure(drawIt({ theme: themes.paper, width: 320 }).svg);
    expect(paper.texts.every(({ size }) => size === themes.paper.fontSize)).toBe(true);
  });

  test('has a table of its values', () => {
    const { columns, rows } = drawIt().toTable();
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => row.length === columns.length)).toBe(true);
  });
});

test('draws the requested number of b-functions with the names of their points', () => {
  const [layer] = report.bFunctions;
  const { legend, find } = draw('b-functions', {
    ...layer!,
    count: 2,
    found: layer!.found.map((entry) => (entry.number === 9 ? { ...entry, name: 'GELU' } : entry)),
  });
  expect(legend).toEqual(['g, trial 17', 'g, trial 9 (GELU)', 'ReLU′', 'ReLU′ = 0']);
  expect(find('trial:17').data).toEqual(Array.from(layer!.z, (z, i) => [z, layer!.found[0]!.g[i]]));
  expect(find('shade').markArea!.data).toEqual([[{ xAxis: -5 }, { xAxis: 0 }]]);
});

test('draws a diverged loss curve at the cap, so that the others stay readable', () => {
  const values = [2.3, 2.4, 80, 1e30, Number.NaN, Infinity];
  const { y } = draw('curves', {
    meaning: trainingLoss,
    trials: [{ name: 'trial 0', values }],
    reference: { name: 'backpropagation', values: lossCurve(6, 1, 1) },
  });
  expect(y.max).toBeLessThanOrEqual(8);
});

test('the search figure distinguishes states and shows their counts', () => {
  const counts = Map.groupBy(report.trials, ({ state }) => state);
  const { legend } = draw('search', report);
  for (const state of ['complete', 'diverged', 'failed'] as const)
    expect(legend).toContain(`${state} ${counts.get(state)!.length}`);
  expect(legend).toContain(`pruned ${counts.get('pruned')!.length}, lower bounds`);
  expect(legend).toEqual(expect.arrayContaining(['backpropagation 1.838', 'best so far']));
});

test('the legend of a saved figure has a margin, that of a page begins below its heading', () => {
  const left = [false, true].map((interactive) => {
    const { option } = createFigure('search', report, { width: 720, interactive });
    return (option.legend as { left: number }).left;
  });
  expect(left).toEqual([8, 0]);
});

test('best so far follows the direction of the metric', () => {
  const trials = [0.5, 0.7, 0.6].map((value, number) => ({ number, state: 'complete' as const, value, point: {} }));
  const best = (direction: 'minimize' | 'maximize'): Drawn =>
    draw('search', { metric: { name: 'accuracy', direction }, trials, reference: null });
  expect(best('maximize').description).toContain('Best 0.7 at trial 1');
  expect(best('maximize').find('best').data).toEqual([
    [0, 0.5],
    [1, 0.7],
    [2, 0.7],
  ]);
  expect(best('minimize').description).toContain('Best 0.5 at trial 0');
});

test('draws 50,000 trials in a small figure, and says that it shows a density', () => {
  const trials = searchTrials(50_000);
  const search = draw('search', { ...report, trials });
  const slices = draw('slices', { ...report, trials });
  for (const { svg } of [search, slices]) {
    expect(svg.length).toBeLessThan(250_000);
    expect(parseFigure(svg).elements.length).toBeLessThan(500);
  }
  const complete = trials.filter(({ state }) => state === 'complete').length;
  expect(search.legend).toContain(`complete ${complete.toLocaleString('en')}`);
  expect(search.notes.join()).toMatch(/^[\d,]+ trials are drawn as squares, darker/);
  const counted = search.find('trials:complete:density').data.reduce((sum, [, , count]) => sum + count!, 0);
  const above = search.series.find(({ id }) => id === 'trials:complete:above')?.data.length ?? 0;
  expect(counted + above).toBe(complete);
});

test('a page shows each of 50,000 trials, and a click finds the trial', () => {
  const trials = searchTrials(50_000);
  const { option } = createFigure(
    'search',
    { ...report, trials },
    { width: 900, interactive: true, theme: themes.light },
  );
  const series = (option.series as Drawn['series']).find(({ id }) => id === 'trials:complete')!;
  const complete = trials.filter(({ state }) => state === 'complete');
  // Very many points are the numbers of all of them in one array: x, y, trial and value.
  const numbers = [...(series.data as unknown as Float64Array)];
  const rows = complete.map((_, i) => numbers.slice(4 * i, 4 * i + 4));
  expect(numbers).toHaveLength(4 * complete.length);
  expect(rows.map(([x, , trial, value]) => [x, trial, value])).toEqual(
    complete.map(({ number, value }) => [number, number, value]),
  );
  expect(readTrialNumber({ seriesId: series.id, value: rows[0] })).toBe(complete[0]!.number);
  expect(readTrialNumber({ seriesId: 'trial:17', value: [1, 2] })).toBe(17);
  expect(readTrialNumber({ seriesId: 'reference', value: [1, 2, 3] })).toBeNull();
});

test('the tool tip of one of very many points tells its trial and value', () => {
  const trials = searchTrials(50_000);
  const { option } = createFigure(
    'search',
    { ...report, trials },
    { width: 900, interactive: true, theme: themes.light },
  );
  const chart = initChart(null, null, { renderer: 'svg', ssr: true, width: 900, height: 400 });
  chart.setOption(option);
  // What ECharts passes to a formatter, and to listeners of clicks.
  const series = (chart as unknown as WithModel)
    .getModel()
    .getSeries()
    .find(({ id }) => id === 'trials:complete')!;
  const event = series.getDataParams(20_000);
  const trial = trials.filter(({ state }) => state === 'complete')[20_000]!;
  expect(readTrialNumber(event)).toBe(trial.number);
  const { tooltip } = [option.series].flat().find((one) => one!.id === 'trials:complete') as WithTip;
  expect(tooltip.formatter(event)).toBe(
    `trial ${trial.number}, complete\n${report.metric.name} ${formatNumber(trial.value!)}`,
  );
  chart.dispose();
});

interface WithModel {
  getModel(): {
    getSeries(): { readonly id: string; getDataParams(index: number): Parameters<typeof readTrialNumber>[0] }[];
  };
}

interface WithTip {
  readonly tooltip: { formatter(event: unknown): string };
}

test('draws one trial, equal values and huge values', () => {
  for (const values of [[2], [2, 2, 2], [1e300, -1e300, 3], [5e-324, 0], [1e8, 1e8 + 1]]) {
    const trials = values.map((value, number) => ({ number, state: 'complete' as const, value, point: { a: value } }));
    const parameters = [{ name: 'a', type: 'float' as const, low: -1e300, high: 1e300 }];
    const data = { metric: report.metric, parameters, trials, reference: { ...backpropagation, value: values[0]! } };
    for (const { svg } of [draw('search', data), draw('slices', data)])
      expect(badlyPlaced(parseFigure(svg)), String(values)).toEqual([]);
  }
});

test('an axis of values is logarithmic if it is asked for and all values are positive', () => {
  const trials = [0.001, 1, 1000].map((value, number) => ({ number, state: 'complete' as const, value, point: {} }));
  const data = { metric: report.metric, trials, reference: null };
  expect(draw('search', data, { logScale: true }).y).toMatchObject({ type: 'log', min: 0.001, max: 1000 });
  const negative = { ...data, trials: [...trials, { ...trials[0]!, number: 3, value: -1 }] };
  expect(draw('search', negative, { logScale: true }).y.type).toBe('value');
});

const texts = ({ svg }: Drawn): string[] => parseFigure(svg).texts.map(({ content }) => content);

test('the confirmations show the mean and interval of each point, or that there is none', () => {
  const drawn = draw('confirmations', report);
  expect(texts(drawn)).toEqual(expect.arrayContaining(['trial 17', '+0.050 [0.037, 0.063]', '+0.013 [−0.009, 0.035]']));
  expect(drawn.find('trials:0:mean').data[0]![0]).toBe(0.0496);
  expect(drawn.find('trials:0:seeds').data.map(([gain]) => gain)).toEqual([0.048, 0.061, 0.033, 0.057, 0.049]);
  expect(drawn.find('0:interval').data.map(([end]) => end)).toEqual([0.0366, 0.0626]);
  const single = { number: 3, gains: [{ seed: 0, gain: 0.02 }], mean: 0.02, interval: null };
  expect(texts(draw('confirmations', { ...report, confirmations: [single] }))).toContain('+0.02, 1 pair: no interval');
});

test('colors only an interval that excludes zero', () => {
  const drawn = draw('confirmations', report, { theme: themes.light });
  const color = (row: number): string | undefined => drawn.find(`trials:${row}:mean`).itemStyle?.color;
  const [, worse, better] = themes.light.series;
  expect([0, 1, 2].map(color)).toEqual([better, themes.light.muted, worse]);
});

test('parameters have the axis of their type, and choices can be read', () => {
  const drawn = draw('slices', report);
  expect(texts(drawn)).toEqual(expect.arrayContaining(['0.001', '0.1', '1', 'max', 'mean']));
  const axes = drawn.option.xAxis as { type: string; min: number; max: number }[];
  expect(axes[4]).toMatchObject({ type: 'log', min: 1e-4, max: 1 });
  expect(axes[5]).toMatchObject({ type: 'value', min: -0.5, max: 1.5 });
});

test('slices show the mean and the deviation of the model', () => {
  const slices = [
    { name: 'relu7.u', at: [0, 5], mean: [2, 1], deviation: [0.5, 0.1] },
    { name: 'pooling', at: ['max', 'mean'], mean: [1.9, 2], deviation: [0.1, 0.2] },
  ];
  const model = { point: {}, slices, grid: null };
  const drawn = draw('slices', { ...report, model });
  expect(drawn.find('model:0').data).toEqual([
    [0, 2],
    [5, 1],
  ]);
  expect(drawn.find('deviation:0').data).toEqual([
    [0, 1.5, 2.5],
    [5, 0.9, 1.1],
  ]);
  // Each choice has a short line, apart from the others.
  expect(drawn.find('model:5').data).toEqual([
    [-0.3, 1.9],
    [0.3, 1.9],
    [0.3, null],
    [0.7, 2],
    [1.3, 2],
    [1.3, null],
  ]);
  expect(drawn.find('deviation:5:1').data).toEqual([
    [0.7, 1.8, 2.2],
    [1.3, 1.8, 2.2],
  ]);
});

test('curves of confirmations are a mean with a band', () => {
  const repeats = [
    [3, 2, 1],
    [5, 4, 3],
  ];
  const { find, legend } = draw('curves', {
    meaning: { ...trainingLoss, isArea: false },
    trials: [{ name: 'trial 7', number: 7, values: repeats[0]!, repeats }],
    reference: null,
  });
  expect(find('trial:7').data).toEqual([
    [1, 4],
    [2, 3],
    [3, 2],
  ]);
  expect(find('trial:7:band').data).toEqual([
    [1, 3, 5],
    [2, 2, 4],
    [3, 1, 3],
  ]);
  expect(legend).toEqual(['trial 7, mean of 2 seeds']);
});

test('each figure without data says what is missing', () => {
  const empty = [
    draw('b-functions', { layer: 'a', activation: 'ReLU', z: [], derivative: [], found: [] }),
    draw('curves', { meaning: trainingLoss, trials: [], reference: null }),
    draw('search', { metric: report.metric, trials: [], reference: null }),
    draw('confirmations', { metric: report.metric, reference: report.reference, confirmations: [] }),
    draw('slices', { metric: report.metric, parameters: [], trials: [] }),
    draw('importance', []),
  ];
  expect(empty.map((drawn) => texts(drawn)[0])).toEqual([
    'No b-function to show.',
    'No loss curve to show.',
    'No trial has settled.',
    'Nothing has been confirmed on fresh seeds.',
    'No parameter is searched.',
    'No importance has been computed.',
  ]);
  expect(texts(draw('b-functions', bFunctions([])))).toContain('ReLU′');
});

test('draws one row per confirmation for many confirmations', () => {
  const many = Array.from({ length: 20 }, (_, number) => ({ ...confirmations[0]!, number }));
  const drawn = draw('confirmations', { ...report, confirmations: many });
  expect(badlyPlaced(parseFigure(drawn.svg))).toEqual([]);
  expect(drawn.series.filter(({ id }) => id.endsWith(':mean'))).toHaveLength(20);
});

test('ids in an SVG start with its prefix', () => {
  const figure = createFigure('search', report, { width: 720 });
  const ids = parseFigure(renderSvg(figure, { width: 720, id: 'first' })).elements.flatMap(
    ({ attributes }) => attributes['id'] ?? [],
  );
  expect(ids.length).toBeGreaterThan(2);
  expect(ids.filter((id) => !id.startsWith('first-'))).toEqual([]);
});

test('curves on fresh seeds are means with bands from the lowest to the highest seed, with the names of points', () => {
  const runs = [
    [4, 2],
    [2, 1],
    [3, 3],
  ].map((values) => ({ steps: [5, 10], values }));
  const [first] = report.confirmations;
  const data = { ...report, confirmations: [{ ...first!, name: 'gelu', runs }] };
  const { find, legend, toTable } = draw('curves', collectConfirmedCurves(data)!);
  expect(legend).toContain('trial 17 (gelu), mean of 3 seeds');
  expect(find('trial:17').data).toEqual([
    [5, 3],
    [10, 2],
  ]);
  expect(find('trial:17:band').data).toEqual([
    [5, 2, 4],
    [10, 1, 3],
  ]);
  expect(toTable().columns.slice(1)).toHaveLength(3);
  expect(toTable().rows).toEqual([
    [5, 3, 2, 4],
    [10, 2, 1, 3],
  ]);
  expect(collectConfirmedCurves(report)).toBeNull();
});

test('the table of noisy losses has the mean, the lowest and the highest seed as they were measured', () => {
  const losses = [0, 1, 2].map((seed) => Array.from({ length: 200 }, (_, i) => 1 + Math.sin(7 * i + 40 * seed) / 2));
  const trial = { name: 'trial 1', number: 1, values: losses[0]!, repeats: losses };
  const meaning = { quantity: 'loss', cap: 3, isArea: false };
  const { toTable, find } = draw('curves', { meaning, trials: [trial], reference: null });
  const at = losses.map((values) => values[52]!);
  expect(toTable().rows[52]).toEqual([53, expect.closeTo((at[0]! + at[1]! + at[2]!) / 3, 10), ...limits(at)]);
  // The drawn band is of running means.
  const drawn = (find('trial:1:band').data as number[][])[52]!;
  expect(drawn.slice(1)).not.toEqual(limits(at));
});

function limits(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

test('confirmed gains have the numbers of their seeds in the table, also if one is missing', () => {
  const gains = [0, 2].map((seed) => ({ seed, gain: seed + 0.5 }));
  const confirmations = [{ ...report.confirmations[0]!, gains, mean: 1.5, interval: null }];
  const { toTable } = draw('confirmations', { ...report, confirmations, baselines: [] });
  expect(toTable().rows.map(([, seed, gain]) => [seed, gain])).toEqual([
    ['1', 0.5],
    ['3', 2.5],
    ['mean', 1.5],
  ]);
});

test('clipped points on a logarithmic axis stay apart as they are drawn', () => {
  const points = [1e-4, 1e-3, 1.01e-3, 1e-2, 1].map((x, i): TrialPoint => [x, 0, i, 0]);
  expect(mergeClose(points, [1e-4, 1], 200, true).map(([x]) => x)).toEqual([1e-4, 1.01e-3, 1e-2, 1]);
});

describe('curves of runs that are thinned out at different steps', () => {
  const confirm = (runs: readonly RunData[], meaning: CurveMeaning) => {
    const data = { ...report, curveMeaning: meaning, reference: null };
    return draw('curves', collectConfirmedCurves({ ...data, confirmations: [{ ...report.confirmations[0]!, runs }] })!);
  };
  const reportedValue = { quantity: 'error', cap: null, isArea: false };

  test('are averaged step by step, as far as all runs of reported values go', () => {
    const long = { steps: [10, 20, 30, 40], values: [10, 20, 30, 40] };
    const short = { steps: [5, 10, 15, 25, 30], values: [5, 20, 30, 50, 60] };
    const drawn = confirm([short, long], reportedValue);
    expect(drawn.find('trial:17').data).toEqual([
      [10, 15],
      [20, 30],
      [30, 45],
    ]);
    expect(drawn.find('trial:17:band').data).toEqual([
      [10, 10, 20],
      [20, 20, 40],
      [30, 30, 60],
    ]);
    expect(drawn.notes.at(-1)).toBe(
      '1 run ends before the others of the same point: a mean goes as far as all of its runs.',
    );
  });

  test('count a diverged training at the cap where it has no steps, as the metric does', () => {
    const cap = 8;
    const complete = { steps: [10, 20, 30, 40], values: [4, 3, 2, 1] };
    const diverged = { steps: [1, 2, 3, 4, 5], values: [4, 5, 6, 7, 8] };
    const drawn = confirm([diverged, complete, complete], { ...trainingLoss, isArea: false, cap });
    expect(drawn.toTable().rows.map(([step, , low, high]) => [step, low, high])).toEqual([
      [10, 4, cap],
      [20, 3, cap],
      [30, 2, cap],
      [40, 1, cap],
    ]);
    expect(drawn.notes.at(-1)).toBe('1 run diverged: the missing steps count at the cap of the loss.');
  });

  test('are tabulated, and compared with the reference, at their own steps', () => {
    const trials = [{ name: 'a', steps: [2, 4], values: [1, 2] }];
    const reference = { name: 'b', steps: [1, 2, 3, 4], values: [5, 6, 7, 8] };
    const { toTable, find } = draw('curves', {
      meaning: { ...trainingLoss, cap: 9, isArea: true },
      trials,
      reference,
      window: 1,
    });
    expect(toTable().rows).toEqual([
      [1, null, 5],
      [2, 1, 6],
      [3, null, 7],
      [4, 2, 8],
    ]);
    expect(find('tint').data).toEqual([
      [2, 1, 6],
      [4, 2, 8],
    ]);
  });
});

test('a point is known by its choices', () => {
  const parameters = [
    { name: 'derivative', type: 'categorical', choices: ['gelu', 'silu'] },
    { name: 'rate', type: 'float', low: 0, high: 1 },
  ] as const;
  expect(namePoint(parameters, { derivative: 'gelu', rate: 0.5 })).toBe('gelu');
  expect(namePoint(parameters, { rate: 0.5 })).toBeUndefined();
  const trials = report.trials.map((trial) => ({ ...trial, point: { derivative: 'gelu' } }));
  expect(collectBestCurves({ ...report, parameters, trials })!.trials[0]!.name).toBe('trial 17 (gelu)');
});

test('all curves have a line for each trial, and a mark at its end that tells a pruned one apart', () => {
  const data = { ...reported, meaning: { quantity: 'error', cap: null, isArea: false } };
  const { find, legend, notes, option } = draw('all-curves', data, { interactive: true, theme: themes.light });
  expect(legend).toEqual(['best, trial 2', 'running', 'pruned', 'diverged', 'complete']);
  const { steps, values } = reported.trials[1]!.run;
  expect(find('trial:1').data).toEqual(Array.from(steps, (step, i) => [step, values[i]]));
  expect(find('trials:pruned:ends')).toMatchObject({
    symbol: 'rect',
    data: [[120, values[11], 1, values[11]]],
  });
  expect(readTrialNumber({ seriesId: 'trials:pruned:ends', value: [120, 2, 1, 2] })).toBe(1);
  const series = option.series as { id: string; tooltip?: { formatter: (event: unknown) => string } }[];
  const { tooltip } = series.find(({ id }) => id === 'trials:pruned:ends')!;
  expect(tooltip!.formatter({ value: [120, 2, 1, 2] })).toBe('trial 1 (gelu), pruned\n2 at step 120');
  expect(notes).toContain('5 of 900 trials: the best, those that run, the latest.');
});

test('parallel coordinates place values on log scales, choices and absent parameters, with states apart', () => {
  const parameters = [
    { name: 'rate', type: 'float', low: 0.01, high: 1, scale: 'log' },
    { name: 'optimizer', type: 'categorical', choices: ['sgd', 'adam', 'adamw'] },
    { name: 'decay', type: 'float', low: 0, high: 10 },
  ] as const;
  const trials = [
    { number: 0, state: 'complete', value: 1, point: { rate: 0.1, optimizer: 'adamw', decay: 5 } },
    { number: 1, state: 'complete', value: 3, point: { rate: 1, optimizer: 'sgd' } },
    { number: 2, state: 'pruned', value: 2, point: { rate: 0.01, optimizer: 'adam' } },
    { number: 3, state: 'failed', value: null, point: { rate: 0.01, optimizer: 'adam' } },
  ] as const;
  const metric = { name: 'error', direction: 'minimize' } as const;
  const { find, legend, toTable } = draw('parallel', { metric, parameters, trials });
  expect(legend).toEqual(['best 10 %', 'other complete trials', 'pruned, lower bounds', 'failed']);
  const stopped = { ...metric, prunedValue: 'when-stopped' } as const;
  expect(draw('parallel', { metric: stopped, parameters, trials }).legend[2]).toBe('pruned, values when stopped');
  const places = (id: string): unknown =>
    (find(id).data as unknown as { value: (number | string)[]; trial: number }[]).map(({ value, trial }) => [
      trial,
      ...value.map((at) => (typeof at === 'number' ? Number(at.toFixed(6)) : at)),
    ]);
  expect(places('trials:best')).toEqual([[0, 0.5, 1, 0.5, 0]]);
  expect(places('trials:complete')).toEqual([[1, 1, 0, -0.15, 1]]);
  expect(places('trials:pruned')).toEqual([[2, 0, 0.5, -0.15, 0.5]]);
  expect(places('trials:failed')).toEqual([[3, 0, 0.5, -0.15, '-']]);
  expect(toTable().rows[1]).toEqual([1, 'complete', 3, 1, 'sgd', null]);
  expect(readTrialNumber({ seriesId: 'trials:best', data: { trial: 7 } })).toBe(7);
});

test('parallel coordinates say that values lie beyond the axis of the metric', () => {
  const parameters = [{ name: 'rate', type: 'float', low: 0, high: 1 }] as const;
  const values = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 100];
  const trials = values.map((value, number) => ({ number, state: 'complete', value, point: { rate: 0.5 } }) as const);
  const metric = { name: 'error', direction: 'minimize' } as const;
  expect(draw('parallel', { metric, parameters, trials }).svg).toContain('>≥ ');
  expect(draw('parallel', { metric, parameters, trials: trials.slice(0, 8) }).svg).not.toContain('>≥ ');
});

test('parallel coordinates of 50,000 trials keep the best and say how many are drawn', () => {
  const trials = searchTrials(50_000);
  const { find, notes } = draw('parallel', { ...report, trials });
  const best = trials.filter(({ state }) => state === 'complete').toSorted((a, b) => a.value! - b.value!)[0]!;
  expect((find('trials:best').data as unknown as { trial: number }[])[0]!.trial).toBe(best.number);
  expect(notes.join()).toMatch(/^(1,0|9)\d* of 50,000 trials are drawn/);
});

test('the contour has its levels where the model has them, also on a log scale, with the trials on top', () => {
  const { svg, find, toTable, description, x } = draw('contour', { ...report, model }, { width: 736 });
  expect(x).toMatchObject({ type: 'log', min: 1e-4, max: 1 });
  expect(description).toContain('best at learningRate 0.001, relu7.d 1.5.');
  expect(toTable().rows).toHaveLength(441);
  expect(toTable().rows[5 + 15 * 21]).toEqual([0.001, 1.5, 2, 0.1]);
  const complete = report.trials.filter(({ state }) => state === 'complete');
  expect(find('trials:complete').data).toEqual(
    complete.map(({ number, value, point }) => [point['learningRate'], point['relu7.d'], number, value]),
  );
  // The innermost level is around the minimum: at a quarter of the width and three quarters of the height.
  const levels = parseFigure(svg).elements.filter(({ attributes }) => attributes['fill-opacity'] === '0.04');
  const places = (d: string): number[][] =>
    [...d.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, left, top]) => [Number(left), Number(top)]);
  const boxes = levels.map(({ attributes }) => {
    const [lefts, tops] = [0, 1].map((i) => places(attributes['d']!).map((place) => place[i]!));
    return [Math.min(...lefts!), Math.max(...lefts!), Math.min(...tops!), Math.max(...tops!)] as const;
  });
  const widest = boxes.reduce((a, b) => (b[1] - b[0] > a[1] - a[0] ? b : a));
  const least = boxes.reduce((a, b) => (b[1] - b[0] < a[1] - a[0] ? b : a));
  expect(((least[0] + least[1]) / 2 - widest[0]) / (widest[1] - widest[0])).toBeCloseTo(0.25, 1);
  expect(((least[2] + least[3]) / 2 - widest[2]) / (widest[3] - widest[2])).toBeCloseTo(0.25, 1);
});

test('the distribution has the share of complete trials that are at least as good as each value', () => {
  const trials = [3, 1, 2, 2].map((value, number) => ({ number, state: 'complete' as const, value, point: {} }));
  const searches = [{ name: 'a', trials: [...trials, { number: 9, state: 'pruned' as const, value: 0, point: {} }] }];
  const places = (direction: 'minimize' | 'maximize'): unknown =>
    draw('edf', { metric: { name: 'error', direction }, searches }).find('edf:0').data;
  expect(places('minimize')).toEqual([
    [1, 0.25],
    [2, 0.75],
    [3, 1],
  ]);
  expect(places('maximize')).toEqual([
    [1, 1],
    [2, 0.75],
    [3, 0.25],
  ]);
});

test('the timeline has a bar for each attempt in the row of its worker, and tells outcomes apart', () => {
  const { find, legend, toTable, x, y } = draw('timeline', { attempts }, { interactive: true, theme: themes.light });
  expect(legend).toEqual(['reported a result', 'running', 'failed', 'expired: its worker was lost', 'released']);
  expect(x.name).toBe('minutes since the first attempt shown');
  expect((y as unknown as { data: string[] }).data).toEqual(['worker-0', 'worker-1']);
  expect(find('trials:expired').data).toEqual([[1, 1, 1, 2.5]]);
  expect(find('trials:failed').data).toEqual([[4, 0, -1, 5.5]]);
  expect(readTrialNumber({ seriesId: 'trials:expired', value: [1, 1, 1, 2.5] })).toBe(1);
  expect(toTable().rows[3]).toEqual(['3', 'worker-1', '2001-09-09T01:49:40.000Z', null, 'running']);
  const many = Array.from({ length: 50_000 }, (_, i) => ({ ...attempts[0]!, startedAt: 1e12 + i, trial: String(i) }));
  const drawn = draw('timeline', { attempts: many });
  expect(drawn.find('trials:reported').data).toHaveLength(2_000);
  expect(drawn.notes).toEqual(['The latest 2,000 of 50,000 attempts.']);
});

test('curves can be counted by trial, and jobs may have a best trial of the same number', () => {
  const meaning = { quantity: 'best AULC so far', cap: null, isArea: false, axis: 'trial', isStepped: true };
  const drawn = draw('curves', { meaning, trials: [{ name: 'a', steps: [0, 1], values: [2, 1] }], reference: null });
  expect(drawn.x).toMatchObject({ name: 'trial', min: 0, max: 1 });
  expect(drawn.title).toBe('best AULC so far, by trial');
  // The best value holds until a better one; nothing lies between the two.
  expect(drawn.series.flatMap((one) => ('step' in one ? one.step : []))).toEqual(['end']);
  // The first trials are far from the best value. They do not determine the scale, so that the last steps are seen.
  const values = [9, 9, 2, 1.2, 1.1, 1.1, 1.05, 1.02, 1.01, 1];
  const long = draw('curves', { meaning, trials: [{ name: 'a', values }], reference: null });
  expect(long.y.max).toBeLessThan(3);
  const [layer] = report.bFunctions;
  const found = ['one', 'two'].map((name) => ({ ...layer!.found[0]!, name }));
  const { series, legend } = draw('b-functions', { ...layer!, found });
  expect(series.map(({ id }) => id)).toEqual(expect.arrayContaining(['trial:17', 'trial:17:1']));
  expect(legend.slice(0, 2)).toEqual(['g, trial 17 (one)', 'g, trial 17 (two)']);
});
