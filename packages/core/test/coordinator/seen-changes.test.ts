import { expect, test } from 'vitest';
import { SeenChanges } from '../../src/coordinator/seen-changes.ts';
import type { JobRecord } from '../../src/domain/job-record.ts';

const job = (seq: number, createdAt = 1): JobRecord => ({ id: 'job', seq, createdAt }) as JobRecord;

test('counts the changes that were there and are gone', () => {
  const seen = new SeenChanges();
  expect([5, 5, 9, 7, 7, 8].map((seq) => seen.note(job(seq)))).toEqual([0, 0, 0, 2, 0, 0]);
});

test('does not take a job that was created again for one that went back', () => {
  const seen = new SeenChanges();
  expect([seen.note(job(5)), seen.note(job(0, 2))]).toEqual([0, 0]);
});
