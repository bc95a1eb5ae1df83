import type { TrialResource } from '@gradsmith/contract';
import { expect, test } from 'vitest';
import { describeSettled } from '../src/follow/describe.ts';
import { describeTrial, formatTrialTable } from '../src/follow/trial-text.ts';

function trial(state: TrialResource['state'], value: number | null): TrialResource {
  const fields = { id: '3', role: 'search', number: 3, state, value, point: { x: -0.5 }, source: 'gp', seed: 1 };
  return { ...fields, metrics: {}, attempts: [], settledAt: '' } as Partial<TrialResource> as TrialResource;
}

test.each([
  ['minimize', 'loss ≥ 2.31 (pruned)', '≥ 2.31'],
  ['maximize', 'loss ≤ 2.31 (pruned)', '≤ 2.31'],
] as const)('shows the value of a pruned trial as a bound: %s', (direction, outcome, cell) => {
  const measure = { metric: 'loss', direction, prunedValue: 'bound' } as const;
  const pruned = trial('pruned', 2.31);
  expect(describeSettled(pruned, measure, false)).toContain(`${outcome}  gp`);
  expect(describeTrial({ ...pruned, attempts: [], curve: [], provenance: {} }, measure)[0]).toBe(`trial 3: ${outcome}`);
  const lines = formatTrialTable(
    [trial('complete', 1.5), pruned, trial('diverged', 9), trial('failed', null)],
    measure,
  );
  expect(lines[1]).toMatch(/complete +1\.5 /);
  expect(lines[2]).toMatch(new RegExp(`pruned +${cell} `));
  expect(lines[3]).toMatch(/diverged +9 /);
  expect(lines[4]).toMatch(/failed +0 +gp/);
});

test('shows the value of a pruned trial when it was stopped, if it is no bound', () => {
  const measure = { metric: 'accuracy', direction: 'maximize', prunedValue: 'when-stopped' } as const;
  const pruned = trial('pruned', 0.31);
  expect(describeSettled(pruned, measure, false)).toContain('accuracy 0.31 when stopped (pruned)  gp');
  expect(formatTrialTable([pruned], measure)[1]).toMatch(/pruned +0\.31 when stopped /);
});

test('shows what each attempt has reported, with the direction of the metric', () => {
  const attempt = { id: 'a', worker: 'w', startedAt: '2026-01-01T00:00:00.000Z', finishedAt: null, reason: null };
  const values = [
    { step: 1, value: 0.25 },
    { step: 4, value: 0.5 },
  ];
  const attempts = [
    { ...attempt, outcome: 'expired' as const, values, losses: [] },
    { ...attempt, outcome: 'running' as const, values: [], losses: [{ step: 8, value: 2 }] },
  ];
  const lines = describeTrial(
    { ...trial('running', null), attempts, curve: [], provenance: {} },
    { metric: 'score', direction: 'maximize', prunedValue: 'bound' },
  );
  expect(lines.slice(2)).toEqual([
    'attempt  expired on w, 2026-01-01T00:00:00.000Z, not finished',
    '  values ▁█  0.25 at step 1, 0.5 at step 4',
    'attempt  running on w, 2026-01-01T00:00:00.000Z, not finished',
    '  losses ▅  2 at step 8, 2 at step 8',
  ]);
});
