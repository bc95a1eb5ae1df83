import { expect, test } from 'vitest';
import { joinLayers, listBestSoFar, listDifferences } from '../../src/index.ts';
import { renderComparison } from '../../src/report/render-comparison.ts';
import { exampleReport } from '../fixture.ts';
import { parseFigure } from '../parse.ts';

const first = exampleReport();
const second = {
  ...exampleReport(),
  jobId: 'job_0123456789abcdef9999',
  trials: first.trials.map((trial) => ({ ...trial, value: trial.value === null ? null : trial.value + 0.1 })),
  confirmations: [],
};
const differences = [{ path: 'search.trials', values: ['40', '41'] }];

function read(page: string): { headings: string[]; figures: number; text: string } {
  const { elements } = parseFigure(page.replace('<!doctype html>\n', ''));
  return {
    headings: elements.filter(({ name }) => name === 'h2').map(({ content }) => content),
    figures: elements.filter(({ name }) => name === 'svg').length,
    text: page
      .replace(/<style>.*?<\/style>/gs, '')
      .replace(/<svg.*?<\/svg>/gs, '')
      .replace(/<[^>]+>/g, '|'),
  };
}

test('compares the gains, the searches, the best b-functions and the settings of jobs', () => {
  const { headings, figures, text } = read(renderComparison({ jobs: [first, second], differences }));
  expect(headings).toEqual([
    'Gains',
    'Settings that differ',
    'Best AULC so far',
    'Distribution of the values',
    'Best b-functions of relu7',
    'Loss of the best trials',
  ]);
  expect(figures).toBe(8);
  // Equal titles get the end of the id, and each job has its own best value and gain.
  expect(text).toContain('|relu7-meta-network …0123|');
  expect(text).toContain('|1.741|');
  expect(text).toContain('|1.841|');
  expect(text).toContain('|+0.097|');
  expect(text).toContain('|−0.003|');
  expect(text).toContain('|search.trials||40||41|');
  expect(text).toContain(
    '|relu7-meta-network …0123 has the best AULC: 1.741. relu7-meta-network …9999 is next with 1.841. ',
  );
});

test('tells jobs apart that have the same title and the same end of the id', () => {
  const { text } = read(renderComparison({ jobs: [first, second, first], differences }));
  for (const name of ['relu7-meta-network …0123 (1)', 'relu7-meta-network …9999', 'relu7-meta-network …0123 (3)'])
    expect(text).toContain(`|${name}|`);
});

test('leaves a job with another metric or several objectives out of the figures, and says so', () => {
  const accuracy = {
    ...second,
    title: 'other',
    metric: { name: 'validation accuracy', direction: 'maximize' as const },
  };
  const { text } = read(renderComparison({ jobs: [first, accuracy], differences: [] }));
  expect(text).toContain('|AULC 1.741|');
  expect(text).toContain('Figures leave out other, because they have another metric');
  expect(text).toContain('The jobs have the same settings.');
});

test('compares the jobs with one objective, also if the first job has several', () => {
  const pareto = { objectives: [first.metric, first.metric], outcomes: [], hypervolume: 0, reference: null };
  const several = { ...second, title: 'several', metric: { ...second.metric, name: 'size' }, pareto };
  const { headings, text } = read(renderComparison({ jobs: [several, first, second], differences: [] }));
  expect(headings).toContain('Best AULC so far');
  expect(text).toContain('Figures leave out several,');
});

test('draws no figures for jobs without results', () => {
  const empty = { ...first, trials: [], reference: null, confirmations: [], bFunctions: [] };
  const { headings, text } = read(renderComparison({ jobs: [empty, { ...empty, title: 'other' }], differences }));
  expect(headings).toEqual(['Gains', 'Settings that differ']);
  expect(text).toContain('|other||0 of 40||–||–||–||–||–|');
});

test('lists the best value after each trial', () => {
  const trials = [
    { state: 'failed', value: null },
    { state: 'complete', value: 3 },
    undefined,
    { state: 'pruned', value: 1 },
    { state: 'complete', value: 2, feasible: false },
    { state: 'complete', value: 2.5, feasible: true },
    { state: 'complete', value: 4 },
  ];
  expect(listBestSoFar(trials, 'minimize')).toEqual([Number.NaN, 3, 3, 3, 3, 2.5, 2.5]);
  expect(listBestSoFar(trials, 'maximize')).toEqual([Number.NaN, 3, 3, 3, 3, 3, 4]);
});

test('joins the best b-functions of jobs by layer and activation', () => {
  const [layer] = first.bFunctions;
  const jobs = [
    { name: 'a', layers: [layer!] },
    { name: 'b', layers: [layer!, { ...layer!, layer: 'relu8' }] },
  ];
  const joined = joinLayers(jobs);
  expect(joined.map(({ layer: name, found }) => [name, found.map((each) => each.name)])).toEqual([
    ['relu7', ['a', 'b']],
    ['relu8', ['b']],
  ]);
});

test('lists the settings in which jobs differ', () => {
  const specs = [
    { name: 'a', search: { trials: 5, algorithm: 'gp' }, list: [{ x: 1 }, { x: 2 }], frozen: ['a'] },
    { name: 'b', search: { trials: 6, algorithm: 'gp' }, list: [{ x: 1 }], frozen: ['a', 'b'] },
  ];
  expect(listDifferences(specs as never)).toEqual([
    { path: 'search.trials', values: ['5', '6'] },
    { path: 'list[1].x', values: ['2', '–'] },
    { path: 'frozen', values: ['a', 'a, b'] },
  ]);
});
