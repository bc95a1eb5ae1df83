import type { JobSummary, TrialResource } from '@gradsmith/contract';
import { expect, test } from 'vitest';
import { formatJobTable } from '../src/commands/jobs.ts';
import { describeRunning } from '../src/follow/describe.ts';

const job = {
  id: 'job_1',
  name: 'forest',
  labels: {},
  state: 'running',
  createdAt: '2026-11-29T10:00:00.000Z',
  budget: 20,
  settled: 3,
  metric: 'aulc',
  reference: 0.5,
  best: { trial: '2', value: 0.4 },
  searchGain: 0.1,
  confirmedGain: null,
  timeLeftMs: 90_000,
} as Partial<JobSummary> as JobSummary;

test('the table of jobs has the gain, the time left, and the labels if a job has some', () => {
  const confirmedGain = { mean: 0.05, interval: null, seeds: 1 };
  const [head, first] = formatJobTable([job]);
  expect(head!.split(/ {2,}/).join()).toBe('job,name,state,trials,best,reference,gain,metric,left,created (UTC)');
  expect(first!.split(/ {2,}/).slice(4, 9)).toEqual(['0.4', '0.5', '+0.1*', 'aulc', '1m 30s']);
  const [labeled, second, third] = formatJobTable([
    { ...job, labels: { team: 'vision', draft: '' }, confirmedGain },
    { ...job, searchGain: null, timeLeftMs: null },
  ]);
  expect(labeled).toMatch(/created \(UTC\) +labels$/);
  expect(second).toMatch(/\+0\.05 .* team:vision draft:$/);
  expect(third).toMatch(/0\.4 +0\.5 +aulc +2026-11-29 10:00$/);
});

test('a row of a table is one line, also if a label has a line break', () => {
  const [, row] = formatJobTable([{ ...job, labels: { team: 'line 1\nline 2' } }]);
  expect(row).toMatch(/team:line 1 line 2$/);
});

test('a running trial is shown with what it has reported', () => {
  const trial = {
    id: '7',
    role: 'search',
    number: 7,
    point: { depth: 3 },
    attempts: [{ startedAt: '2026-11-29T10:00:00.000Z' }],
    progress: null,
  } as unknown as TrialResource;
  const now = Date.parse('2026-11-29T10:00:12.000Z');
  const describe = (progress: TrialResource['progress']): string[] =>
    describeRunning({ ...trial, progress }, 'accuracy', now).split(/ {2,}/);
  expect(describe(null)).toEqual(['trial 7', 'no report yet', 'for 12 s', 'depth=3']);
  expect(describe({ step: 3, value: 0.81 })[1]).toBe('accuracy 0.81 at step 3');
  expect(describe({ step: 4, partialSum: 6, value: 0.5 })[1]).toBe('accuracy 0.5 at step 4');
  expect(describe({ step: 4, partialSum: 0.6 })[1]).toBe('aulc so far 0.6 at step 4');
});
