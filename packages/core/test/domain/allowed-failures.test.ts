import type { JobRecord } from '@gradsmith/core/domain';
import { describe, expect, test } from 'vitest';
import { countAllowedFailures } from '../../src/domain/allowed-failures.ts';

function createJobRecord(budget: number, counts: Partial<JobRecord['counts']> = {}): JobRecord {
  const none = { pending: 0, running: 0, complete: 0, pruned: 0, diverged: 0, failed: 0, cancelled: 0 };
  return { budget, counts: { ...none, ...counts } } as JobRecord;
}

describe('the failed trials that a job allows', () => {
  test.each([
    [60, {}, 10],
    [60, { diverged: 3 }, 10],
    [60, { complete: 1 }, 40],
    [60, { pruned: 1 }, 40],
    [12, { complete: 1 }, 10],
    [100_000, { complete: 1 }, 66_666],
  ])('with a budget of %d and %j are %d', (budget, counts, allowed) => {
    expect(countAllowedFailures(createJobRecord(budget, counts), undefined)).toBe(allowed);
  });

  test('are the limit of the job file if it has one', () => {
    expect(countAllowedFailures(createJobRecord(60, { complete: 1 }), 0)).toBe(0);
  });
});
