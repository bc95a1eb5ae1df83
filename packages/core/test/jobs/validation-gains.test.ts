import { expect, test } from 'vitest';
import { makeConfirmTrialId, type TrialRecord } from '../../src/domain/index.ts';
import { listValidationGains } from '../../src/jobs/index.ts';
import { parseJob } from '../../src/spec/index.ts';
import { jobInput } from '../support/jobs.ts';

const spec = (objective: object = {}): ReturnType<typeof parseJob> =>
  parseJob({ ...jobInput, objective: { ...jobInput.objective, ...objective }, confirm: { top: 1, seeds: 3 } });

/** Confirm trials of a candidate, seed by seed. */
function repeat(candidate: number | null, seeds: readonly Record<string, number>[]): TrialRecord[] {
  return seeds.map((metrics, seedIndex) => {
    const result = { outcome: 'complete', value: 1, metrics, provenance: {} };
    return { id: makeConfirmTrialId(candidate, seedIndex), state: 'complete', seed: seedIndex, result } as TrialRecord;
  });
}

const trials = [
  ...repeat(null, [
    { validationLoss: 1, validationAccuracy: 0.5 },
    { validationLoss: 1, validationAccuracy: 0.5 },
    { validationLoss: 2, validationAccuracy: 0.5 },
  ]),
  ...repeat(4, [
    { validationLoss: 1.5, validationAccuracy: 0.75 },
    { validationLoss: 2, validationAccuracy: 0.75 },
    {},
  ]),
];

test('are positive where the point is better: a smaller loss, a larger accuracy', () => {
  const [loss, accuracy] = listValidationGains(trials, spec(), 4);
  // −.5 and −1: mean −.75, s = .3536, half = 12.7062 · .25.
  expect(loss).toMatchObject({ metric: 'validation-loss', mean: -0.75 });
  expect(loss!.interval![0]).toBeCloseTo(-0.75 - 12.7062 * 0.25, 3);
  expect(accuracy).toEqual({ metric: 'validation-accuracy', mean: 0.25, interval: [0.25, 0.25] });
});

test('leave out the metric that the search optimizes', () => {
  const gains = listValidationGains(trials, spec({ metric: 'validation-loss' }), 4);
  expect(gains.map(({ metric }) => metric)).toEqual(['validation-accuracy']);
});

test('are none without a pair, and none for an external objective', () => {
  expect(listValidationGains(trials, spec(), 5)).toEqual([]);
  const external = parseJob({
    name: 'external',
    objective: { kind: 'external', metric: { name: 'x', direction: 'minimize' } },
    search: { trials: 1 },
    space: { x: { type: 'float', low: 0, high: 1 } },
  });
  expect(listValidationGains(trials, external, 4)).toEqual([]);
});
