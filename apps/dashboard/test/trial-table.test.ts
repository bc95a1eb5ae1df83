import type { JobStatus } from '@gradsmith/contract';
import { parseJob } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { externalJob, validJob } from '../../api/test/support.ts';
import type { TrialRow } from '../src/data/trial-rows.ts';
import { chooseFormat, listTrialColumns, type TrialColumn } from '../src/job/trial-columns.ts';
import { parseTrialFilter } from '../src/job/trial-filter.ts';

const row: TrialRow = {
  number: 3,
  state: 'pruned',
  value: 0.5,
  feasible: null,
  metrics: {},
  point: { State: 'on', Trial: 7, constructor: 0.25 },
  source: 'model',
  attempts: 2,
  worker: 'lab-7',
  reason: null,
  startedAt: 0,
  tries: [],
  finishedAt: 1_000,
};
const number = { type: 'float', low: 0, high: 10 };
const spec = parseJob({
  ...externalJob,
  space: {
    State: { type: 'categorical', choices: ['on', 'off'] },
    Trial: number,
    constructor: number,
    missing: number,
  },
});
const status = { metric: 'State', direction: 'minimize', reference: null } as unknown as JobStatus;

test('parameters may be named like any column or property', () => {
  const columns = listTrialColumns(spec, status).filter(({ isShown }) => isShown);
  expect(columns.map(({ text }) => text(row, 0, String))).toEqual([
    '3',
    'pruned',
    '≥ 0.5',
    '1 s',
    'on',
    '7',
    '0.25',
    '–',
  ]);
  expect(new Set(columns.map(({ id }) => id)).size).toBe(columns.length);
});

test('of a rule that compares trials at the same step, a pruned value is that when the trial was stopped', () => {
  const compared = { ...spec, search: { ...spec.search, pruning: 'median' as const } };
  const column = listTrialColumns(compared, status).find(({ id }) => id === 'value')!;
  expect(column.text(row, 0, String)).toBe('0.5 when stopped');
  expect(column.text({ ...row, state: 'complete' }, 0, String)).toBe('0.5');
});

test('a bound does not sort among values, and the first click on a metric sorts the best first', () => {
  const valueOf = (direction: 'minimize' | 'maximize') =>
    listTrialColumns(spec, { ...status, direction }).find(({ id }) => id === 'value')!;
  expect(valueOf('minimize').value(row)).toBeUndefined();
  expect(valueOf('minimize').value({ ...row, state: 'complete' })).toBe(0.5);
  expect([valueOf('minimize').isDescending, valueOf('maximize').isDescending]).toEqual([false, true]);
});

test('each objective of a job with several has a column', () => {
  const objectives = [
    { metric: 'accuracy', goal: 'maximize' },
    { metric: 'energy', goal: 'minimize' },
  ];
  const several = parseJob({
    ...externalJob,
    objective: { ...externalJob.objective, metric: { name: 'accuracy', direction: 'maximize' } },
    search: { ...externalJob.search, algorithm: 'nsga-ii' },
    objectives,
  });
  const columns = listTrialColumns(several, { ...status, metric: 'accuracy', direction: 'maximize' });
  const energy = columns.find(({ title }) => title === 'energy')!;
  const complete = { ...row, state: 'complete' as const, metrics: { energy: 7.5 } };
  expect(columns.slice(2, 4).map(({ title }) => title)).toEqual(['accuracy', 'energy']);
  expect([energy.value(complete), energy.text(complete, 0, String), energy.text(row, 0, String)]).toEqual([
    7.5,
    '7.5',
    '–',
  ]);
});

test.each([
  ['', true],
  ['value < 1', true],
  ['accuracy<0.5', false],
  ['accuracy <= 0.5, Trial = 7', true],
  ['State != on', false],
  ['State = on, trial >= 3, worker = lab-7, attempts > 1', true],
  ['missing > 0', false],
])('the condition "%s" of the trial table is %s', (text, holds) => {
  const filter = parseTrialFilter(text, 'accuracy', ['State', 'Trial', 'constructor', 'missing']);
  expect([filter.fault, filter.test(row)]).toEqual([null, holds]);
});

test('names the condition that cannot be read', () => {
  expect(parseTrialFilter('value < 1, toString = 3', 'accuracy', []).fault).toBe('toString = 3');
});

/** Writes a column of trials with these values. */
const write = (columns: readonly TrialColumn[], id: string, ...values: number[]): string[] => {
  const column = columns.find((one) => one.id === id)!;
  const rows = values.map((value) => ({ ...row, state: 'complete' as const, value, point: { constructor: value } }));
  const format = chooseFormat(column, rows);
  return rows.map((one) => column.text(one, 0, format));
};

test('writes the numbers of a column with the same decimals, unless some would have no digits left', () => {
  const columns = listTrialColumns(spec, status);
  expect(write(columns, 'value', 0.9, 0.61973)).toEqual(['0.9000', '0.6197']);
  expect(write(columns, 'value', 0.9, 0.00001234)).toEqual(['0.9', '1.234e−5']);
  // A parameter has the decimals of its range, 0 to 10.
  expect(write(columns, 'point.constructor', 9, 0.00123)).toEqual(['9.000', '0.001']);
  // One that would be written as zero keeps its digits.
  expect(write(columns, 'point.constructor', 9, 0.00012, 0)).toEqual(['9.000', '0.00012', '0.000']);
});

test('writes values with the decimals that tell the best ones apart, and gains with the same', () => {
  const columns = listTrialColumns(parseJob(validJob), { ...status, metric: 'aulc', reference: 0.0912345 });
  const values = [2.308, 0.0893, 0.08934, 0.0906];
  expect(write(columns, 'value', ...values)).toEqual(['2.30800', '0.08930', '0.08934', '0.09060']);
  expect(write(columns, 'gain', ...values)).toEqual(['−2.21677', '+0.00193', '+0.00189', '+0.00063']);
});
