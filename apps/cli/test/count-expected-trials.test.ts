import type { JobStatus, TrialResource } from '@gradsmith/contract';
import { parseJob } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { jobInput } from '../../../packages/core/test/support/jobs.ts';
import { countExpectedTrials } from '../src/follow/snapshot.ts';

const spec = parseJob(jobInput);

const listSearch = (values: readonly number[]): TrialResource[] =>
  values.map(
    (value, number) =>
      ({ id: `${number}`, role: 'search', number, state: 'complete', value, settledAt: '2026-12-01' }) as TrialResource,
  );

const listOthers = (...ids: string[]): TrialResource[] => ids.map((id) => ({ id, role: 'confirm' }) as TrialResource);

const describeJob = (complete: number, budget: number): JobStatus =>
  ({
    phase: complete < budget ? 'searching' : 'confirming',
    stopped: null,
    budget,
    direction: 'minimize',
  }) as JobStatus;

const first = [
  'reference',
  ...[0, 1, 2].flatMap((seed) => ['reference', 0, 1].map((each) => `confirm-${each}-${seed}`)),
];

test('counts the search, the reference and the confirmations from the start', () => {
  expect(countExpectedTrials(spec, describeJob(0, 6), [])).toBe(6 + 1 + 9);
  const search = listSearch([1, 2, 3, 4, 5, 6]);
  expect(countExpectedTrials(spec, describeJob(6, 6), [...search, ...listOthers('reference')])).toBe(6 + 1 + 9);
  expect(countExpectedTrials(spec, describeJob(6, 6), [...search, ...listOthers(...first)])).toBe(6 + 1 + 9);
});

test('counts the confirmations of the new best points of an extended job', () => {
  const better = listSearch([2, 3, 4, 5, 6, 7, 1, 0.5]);
  expect(countExpectedTrials(spec, describeJob(8, 8), [...better, ...listOthers(...first)])).toBe(8 + 10 + 6);
  const worse = listSearch([2, 3, 4, 5, 6, 7, 8, 9]);
  expect(countExpectedTrials(spec, describeJob(8, 8), [...worse, ...listOthers(...first)])).toBe(8 + 10);
});

test('stays the same while trials are created and settle, whenever the status was read', () => {
  const [done] = listSearch([3]);
  const running = { ...done!, id: '1', number: 1, state: 'running', value: null, settledAt: null } as TrialResource;
  const cancelled = { ...done!, id: '2', number: 2, state: 'cancelled', value: null } as TrialResource;
  const reference = listOthers('reference');
  for (const trials of [[done!], [done!, running], [done!, running, cancelled], [done!, { ...done!, id: '1' }]])
    for (const complete of [0, 1, 2])
      expect(countExpectedTrials(spec, describeJob(complete, 6), [...trials, ...reference])).toBe(
        6 + 1 + 9 + trials.filter(({ state }) => state === 'cancelled').length,
      );
});
