import { describe, expect, test } from 'vitest';
import { symbols } from '../../src/figures/points.ts';
import { type CurveMeaning, formatTrialValue, type TrialData } from '../../src/index.ts';
import { backpropagation, implicitRate, trainingLoss } from '../fixture.ts';
import { badlyPlaced, draw, type Drawn, parseFigure } from '../parse.ts';

// Figures show their values exactly, and mark values that they cannot show.

const accuracy: CurveMeaning = { quantity: 'accuracy', cap: null, isArea: false };

/** Reads the value at a height of an SVG from the tick labels of its vertical axis. */
function readScale(svg: string, y: number): number {
  const { texts } = parseFigure(svg);
  const labels = texts
    .map(({ content, left, top, bottom }) => ({ value: toNumber(content), left, y: (top + bottom) / 2 }))
    .filter(({ value, left }) => Number.isFinite(value) && left < 60)
    .toSorted((a, b) => a.y - b.y);
  const [first, second] = [labels[0]!, labels[1]!];
  return first.value + ((y - first.y) * (second.value - first.value)) / (second.y - first.y);
}

function toNumber(written: string): number {
  return Number(written.replaceAll('−', '-').replaceAll(',', ''));
}

function makeTrial(number: number, value: number | null, state: TrialData['state'] = 'complete'): TrialData {
  return { number, state, value, point: { a: number } };
}

describe('curves', () => {
  test('draw the values of a rising metric and name it', () => {
    const values = [0.1, 0.2, 0.4, 0.6, 0.8, 0.95];
    const drawn = draw('curves', {
      meaning: accuracy,
      trials: [{ name: 'trial 0', number: 0, values }],
      reference: null,
    });
    expect(drawn.find('trial:0').data).toEqual(values.map((value, i) => [i + 1, value]));
    expect(drawn.y).toMatchObject({ name: 'accuracy', min: 0, max: 1 });
    expect(drawn.svg).not.toMatch(/loss/i);
    // The places of the rendered line agree with the labels of its axis.
    const line = parseFigure(drawn.svg).elements.find(({ attributes }) => attributes['stroke-width'] === '2')!;
    const heights = [...line.attributes['d']!.matchAll(/[ML]\S+ (-?[\d.]+)/g)].map(([, y]) => Number(y));
    expect(heights).toHaveLength(6);
    heights.forEach((y, i) => expect(readScale(drawn.svg, y)).toBeCloseTo(values[i]!, 2));
  });

  test('mark losses above the cap as clipped', () => {
    const drawValues = (values: number[]): Drawn =>
      draw('curves', { meaning: trainingLoss, trials: [{ name: 'trial 0', values }], reference: null });
    const clipped = drawValues([2.3, 2.2, 80, Number.NaN, 2]);
    expect(clipped.find('curve:0:above').data.map(([step, y]) => [step, y])).toEqual([
      [3, trainingLoss.cap],
      [4, trainingLoss.cap],
    ]);
    expect(clipped.legend).toContain('beyond the scale');
    expect(drawValues([2.3, 2.2, 2.1]).legend).toEqual(['trial 0']);
  });

  test('are called running means only if they are', () => {
    const note = 'Lines are running means; single losses are faint.';
    const drawSteps = (steps: number): readonly string[] =>
      draw('curves', {
        meaning: trainingLoss,
        trials: [{ name: 'trial 0', values: Array.from({ length: steps }, (_, i) => 2 + (i % 2)) }],
        reference: null,
      }).notes;
    expect(drawSteps(40)).toEqual([]);
    expect(drawSteps(200)).toEqual([note]);
  });

  test('of a running trial have points where it was measured, on an axis up to the last step', () => {
    const drawn = draw('curves', {
      meaning: trainingLoss,
      trials: [{ name: 'trial 0', steps: [439, 1315.5], values: [0.1136, 0.0936] }],
      reference: null,
      isReported: true,
      steps: 3000,
    });
    expect(drawn.find('curve:0').data).toEqual([
      [439, expect.closeTo(0.1136, 12)],
      [1315.5, expect.closeTo(0.0936, 12)],
    ]);
    expect(drawn.find('curve:0')).toMatchObject({ showSymbol: true, showAllSymbol: true });
    expect(drawn.series.map(({ id }) => id)).toEqual(['curve:0']);
    expect([drawn.x.min, drawn.x.max]).toEqual([1, 3000]);
    expect(drawn.notes).toEqual([expect.stringContaining('the mean loss of the steps since the report before')]);
    expect(drawn.description).toBe('Mean loss between reports: trial 0 from 0.1136 to 0.0936 in 1316 steps.');
  });

  test('mention the AULC only if it is the metric', () => {
    const curve = { name: 'a', values: [3, 2, 1] };
    const drawArea = (isArea: boolean): string =>
      draw('curves', { meaning: { ...trainingLoss, isArea }, trials: [curve], reference: curve }).svg;
    expect(drawArea(true)).toContain('AULC');
    expect(drawArea(false)).not.toContain('AULC');
  });
});

describe('implicit-rate', () => {
  const data = implicitRate();

  test('draws β = α·g/σ′ where σ′ is not 0, next to the learning rate itself', () => {
    const drawn = draw('implicit-rate', data);
    const rates = drawn.find('rate').data;
    expect(rates).toHaveLength(data.z.length);
    rates.forEach(([z, rate], i) => {
      if (z! <= 0) expect(rate).toBeNull();
      else expect(rate).toBeCloseTo(0.01 * data.found.g[i]!, 14);
    });
    expect(drawn.find('plain').data.map(([, rate]) => rate)).toEqual([0.01, 0.01]);
    expect(drawn.find('g').data).toEqual(Array.from(data.z, (z, i) => [z, data.found.g[i]]));
    const alone = draw('implicit-rate', { ...data, learningRate: null });
    expect(alone.find('rate').data.at(-1)![1]).toBeCloseTo(data.found.g[400]!, 12);
    expect(alone.legend).toContain('β/α');
  });

  test('draws the density of the inputs in each bin up to its peak, and says how many are beyond', () => {
    const { find, notes, toTable } = draw('implicit-rate', data);
    const { counts } = data.inputs[1]!;
    const total = counts.reduce((sum, count) => sum + count);
    const densities = find('inputs:1').data;
    expect(densities).toHaveLength(41);
    const peak = Math.max(...counts);
    expect(densities.slice(0, -1)).toEqual(
      counts.slice(1, -1).map((count, bin) => [-5 + bin / 4, expect.closeTo(count / peak, 12)]),
    );
    expect(notes.join()).toContain('1 % of the inputs at the end are below −5 or above 5');
    // Densities in the table add up to the share inside.
    const density = toTable().columns.indexOf('density of inputs after step 250');
    const inside = toTable().rows.reduce((sum, row) => sum + Number(row[density]) / 40, 0);
    expect(inside).toBeCloseTo(1 - 28 / total, 12);
  });

  test('says where most of the inputs are, and how many get no error from plain backpropagation', () => {
    const words =
      /^At the end, 90 % of the inputs are between (\S+) and (\S+), and (\d+) % are where ReLU′\u00a0=\u00a00\.$/;
    const [, low, high, dead] = words.exec(draw('implicit-rate', data).notes[0]!)!;
    // Of a normal distribution around 1.
    expect(Math.abs(toNumber(low!) - (1 - 1.645))).toBeLessThan(0.1);
    expect(Math.abs(toNumber(high!) - (1 + 1.645))).toBeLessThan(0.1);
    expect(Number(dead)).toBe(16);
    const measured = draw('implicit-rate', { ...data, dead: 0.12 });
    expect(measured.notes[0]).toContain('; with g\u00a0≠\u00a00 as well, 12 % (beta.relu7.dead).');
    const linear = draw('implicit-rate', { ...data, derivative: Array.from(data.z, () => 1) });
    expect(linear.notes[0]).toMatch(/ and \S+\.$/);
  });

  test('draws inputs that reach far beyond its z on a separate axis with round numbers, and marks these z', () => {
    const counts = Array.from({ length: 42 }, (_, bin): number => (bin >= 16 && bin <= 24 ? 100 : 0));
    const wide = draw('implicit-rate', {
      ...data,
      inputs: [data.inputs[0]!, { step: 3000, limit: 640, counts: counts.with(30, 1) }],
    });
    const axes = wide.option.xAxis as {
      min: number;
      max: number;
      name: string;
      axisLabel: { customValues: number[] };
    }[];
    expect(axes.map(({ min, max }) => [min, max])).toEqual([
      [-5, 5],
      [-5, 5],
      [-200, 150],
    ]);
    expect(axes.map(({ name }) => name)).toEqual(['', 'z, the input of relu7', 'z, the input of relu7']);
    expect(axes[2]!.axisLabel.customValues).toContain(-200);
    expect(wide.find('shown').markArea!.data).toEqual([[{ xAxis: -5 }, { xAxis: 5 }]]);
    expect(wide.notes.join(' ')).toContain('The panels above show z from −5 to 5, where 3 % of the inputs');
    expect(wide.notes.join(' ')).toContain('<1 % of the inputs at the end are below −200 or above 150.');
    expect(draw('implicit-rate', data).series.map(({ id }) => id)).not.toContain('shown');
  });

  test('leaves room above the highest line', () => {
    const plateau = draw('implicit-rate', { ...data, found: { number: 1, g: Array.from(data.z, () => 6) } });
    expect(plateau.y.max).toBeGreaterThan(6.2);
  });

  test('says so if there is no β, and keeps its scale to where most inputs lie', () => {
    const step = draw('implicit-rate', { ...data, derivative: Array.from(data.z, () => 0) });
    expect(step.notes.join()).toContain('no reading as a learning rate');
    expect(step.series.map(({ id }) => id)).not.toContain('rate');
    // Of tanh, σ′ is almost 0 at ±5, where hardly any input lies.
    const tanh = draw('implicit-rate', { ...data, derivative: Array.from(data.z, (z) => 1 - Math.tanh(z) ** 2) });
    const [, rateAxis] = tanh.option.yAxis as { max: number }[];
    expect(rateAxis!.max).toBeLessThan(Math.max(...tanh.find('rate').data.map(([, rate]) => rate!)) / 5);
    expect(tanh.notes[0]).toMatch(
      /^The scale of β is that of z from \S+ to \S+, where the central \d+ % .* Beyond it, β reaches \S+ at z = −?5\.$/,
    );
  });

  test.each([
    // The central share, its ends, and the inputs that are spread evenly from −10 to 10 among those around 0.
    ['90', 1.8, 20],
    ['50', 3.9, 2000],
  ])('keeps β readable where most inputs are, if others are far out: %s %%', (share, end, even) => {
    const z = Array.from({ length: 401 }, (_, i) => -10 + i / 20);
    const counts = Array.from({ length: 82 }, (_, bin) =>
      Math.round(4000 * Math.exp(-((-10.125 + bin / 4) ** 2) / 2) + even),
    );
    const drawn = draw('implicit-rate', {
      ...data,
      z,
      activation: 'tanh',
      derivative: z.map((at) => 1 - Math.tanh(at) ** 2),
      found: { number: 1, g: z.map((at) => Math.tanh(at)) },
      inputs: [{ step: 250, limit: 10, counts }],
    });
    const [, rateAxis] = drawn.option.yAxis as { min: number; max: number }[];
    const largest = 0.01 * Math.tanh(end) * Math.cosh(end) ** 2;
    expect(rateAxis!.max).toBeGreaterThan(0.9 * largest);
    expect(rateAxis!.max).toBeLessThan(2.5 * largest);
    expect(drawn.notes[0]).toMatch(
      new RegExp(`^The scale of β is that of z from −${end} to ${end}, where the central ${share} % of the inputs`),
    );
    expect(drawn.notes[0]).toMatch(/ Beyond it, β reaches −?\S+ at z = −?(8|10)\.$/);
  });

  test('names the range of the scale of β if the inputs are not known', () => {
    const derivative = Array.from(data.z, (z) => 1 - Math.tanh(z) ** 2);
    const { notes } = draw('implicit-rate', { ...data, derivative, inputs: [] });
    expect(notes).toEqual([expect.stringMatching(/^The scale of β is that of z from −3 to 3\. Beyond it, β reaches /)]);
  });
});

describe('rank', () => {
  test('groups complete trials by rank at their parameters, equal values at the same rank', () => {
    const parameters = ['a', 'b'].map((name) => ({ name, type: 'float' as const, low: 0, high: 10 }));
    const values = [0.9, 0.1, 0.5, 0.5, 0.7];
    const trials = values.map((value, number) => ({
      ...makeTrial(number, value),
      point: { a: number, b: 2 * number },
    }));
    const ranked = (direction: 'minimize' | 'maximize'): Drawn =>
      draw('rank', {
        metric: { name: 'loss', direction },
        parameters,
        trials: [...trials, makeTrial(5, 0.01, 'pruned')],
      });
    const least = ranked('minimize');
    expect(least.toTable().rows.map(([trial, rank]) => [trial, rank])).toEqual([
      [1, 1],
      [2, 2],
      [3, 2],
      [4, 4],
      [0, 5],
    ]);
    expect(least.find('trials:rank:0').data).toEqual([[1, 2, 1, 1]]);
    expect(least.find('trials:rank:1').data).toEqual([
      [2, 4, 2, 2],
      [3, 6, 3, 2],
    ]);
    expect(ranked('maximize').find('trials:rank:0').data).toEqual([[0, 0, 0, 1]]);
    const swapped = draw('rank', {
      metric: { name: 'loss', direction: 'minimize' },
      parameters,
      trials,
      pair: ['b', 'a'],
    });
    expect(swapped.find('trials:rank:0').data).toEqual([[2, 1, 1, 1]]);
  });
});

describe('search', () => {
  const drawTrials = (
    trials: TrialData[],
    reference: number | null = null,
    direction: 'minimize' | 'maximize' = 'minimize',
  ): Drawn =>
    draw('search', {
      metric: { name: 'error', direction },
      trials,
      reference: { ...backpropagation, value: reference },
    });

  test('draws each value at its trial', () => {
    const { find } = drawTrials([makeTrial(0, 1.25), makeTrial(1, 0.75), makeTrial(2, null, 'failed')]);
    expect(find('trials:complete').data).toEqual([
      [0, 1.25, 0, 1.25],
      [1, 0.75, 1, 0.75],
    ]);
    expect(find('trials:failed').data.map(([x, , trial, value]) => [x, trial, value])).toEqual([[2, 2, null]]);
  });

  test.each([
    ['far above the trials', [1, 2, 3], 50, 'minimize'],
    ['far above the trials, higher is better', [1, 2, 3], 50, 'maximize'],
    ['far below the trials, higher is better', [10, 20, 30], -400, 'maximize'],
    ['without a complete trial', [], 5, 'minimize'],
  ] as const)('keeps the reference inside the scale: %s', (_name, values, reference, direction) => {
    const trials = [...values.map((value, i) => makeTrial(i, value)), makeTrial(9, 1, 'diverged')];
    const { find, y, svg } = drawTrials(trials, reference, direction);
    expect(find('reference').data.map(([, value]) => value)).toEqual([reference, reference]);
    expect(y.min).toBeLessThanOrEqual(reference);
    expect(y.max).toBeGreaterThanOrEqual(reference);
    const line = parseFigure(svg).elements.find(
      ({ attributes }) => attributes['stroke-dasharray'] && attributes['d']?.startsWith('M'),
    )!;
    const [, height] = /^M\S+ (-?[\d.]+)/.exec(line.attributes['d']!)!;
    expect(Math.abs(readScale(svg, Number(height)) - reference)).toBeLessThan((y.max - y.min) / 100);
    expect(badlyPlaced(parseFigure(svg))).toEqual([]);
  });

  test('draws pruned trials as bounds, distinct from results', () => {
    const trials = [makeTrial(0, 1), makeTrial(1, 2), makeTrial(2, 1.5, 'pruned')];
    for (const [direction, bounds, symbol] of [
      ['minimize', 'lower bounds', symbols.boundUp],
      ['maximize', 'upper bounds', symbols.boundDown],
    ] as const) {
      const { legend, find } = drawTrials(trials, null, direction);
      expect(legend).toContain(`pruned 1, ${bounds}`);
      expect(find('trials:pruned')).toMatchObject({ symbol, data: [[2, 1.5, 2, 1.5]] });
      expect(find('trials:complete').data).toHaveLength(2);
    }
  });

  test('draws values of pruned trials that are no bounds as points', () => {
    const trials = [makeTrial(0, 1), makeTrial(1, 2), makeTrial(2, 1.5, 'pruned')];
    const metric = { name: 'accuracy', direction: 'maximize', prunedValue: 'when-stopped' } as const;
    const { legend, find, description } = draw('search', { metric, trials, reference: null });
    expect(legend).toContain('pruned 1, values when stopped');
    expect(description).toContain('Pruned trials are drawn as values when stopped.');
    expect(find('trials:pruned')).toMatchObject({ symbol: symbols.stopped, data: [[2, 1.5, 2, 1.5]] });
  });

  test('marks values beyond the scale as clipped and counts them', () => {
    const values = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 1e6, 2e6];
    const { legend, find, y } = drawTrials(values.map((value, i) => makeTrial(i, value)));
    expect(legend).toContain('of these, 2 beyond the scale');
    expect(find('trials:complete:above').data).toEqual([
      [10, y.max, 10, 1e6],
      [11, y.max, 11, 2e6],
    ]);
    expect(find('trials:complete').data).toHaveLength(10);
    expect(drawTrials([makeTrial(0, 1), makeTrial(1, 2)]).legend.join()).not.toContain('beyond');
  });

  test('the table has the values, also those beyond the scale', () => {
    const { toTable } = drawTrials([makeTrial(0, 1), makeTrial(1, 1e6), makeTrial(2, null, 'failed')]);
    expect(toTable()).toEqual({
      columns: ['trial', 'state', 'error'],
      rows: [
        [0, 'complete', 1],
        [1, 'complete', 1e6],
        [2, 'failed', null],
      ],
    });
  });
});

test('a slice marks values beyond the scale as clipped', () => {
  const values = [1, 1.1, 1.2, 1.3, 1.4, 1e6];
  const { legend, find, y } = draw('slices', {
    metric: { name: 'error', direction: 'minimize' },
    parameters: [{ name: 'a', type: 'float', low: 0, high: 5 }],
    trials: values.map((value, i) => makeTrial(i, value)),
  });
  expect(legend).toContain('beyond the scale');
  expect(find('trials:complete:0').data.map(([x, value]) => [x, value])).toEqual(
    values.slice(0, 5).map((value, i) => [i, value]),
  );
  expect(find('trials:above:0').data).toEqual([[5, y.max, 5, 1e6]]);
});

test.each([
  [[0.504, 0.502], false],
  [[0.5, 0.5], false],
  [[0.4, 0.6], false],
  [[0.334, 0.334, 0.334], false],
  [[0.7, 0.6], true],
  [[0.64, 0.41, 0.37], true],
])('shares %j overlap: %s', (shares, overlap) => {
  const { notes, find } = draw(
    'importance',
    shares.map((share, i) => ({ name: `p${i}`, share })),
  );
  expect(notes.join()).toBe(overlap ? 'Shares overlap: their sum is above 100 %.' : '');
  expect(find('share').data).toEqual(shares.toSorted((a, b) => b - a));
});

test('the value of a pruned trial is written as a bound, or as the value when it was stopped', () => {
  const pruned = { state: 'pruned', value: 1.5 };
  expect(formatTrialValue(pruned, { direction: 'minimize' })).toBe('≥ 1.5');
  expect(formatTrialValue(pruned, { direction: 'maximize', prunedValue: 'bound' })).toBe('≤ 1.5');
  const stopped = { direction: 'maximize', prunedValue: 'when-stopped' } as const;
  expect(formatTrialValue(pruned, stopped)).toBe('1.5 when stopped');
  expect(formatTrialValue(pruned, stopped, (value) => value.toFixed(3))).toBe('1.500 when stopped');
  expect(formatTrialValue({ state: 'complete', value: 1.5 }, stopped)).toBe('1.5');
  expect(formatTrialValue({ state: 'failed', value: null }, stopped)).toBe('–');
});
