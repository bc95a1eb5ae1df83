import { describe, expect, test } from 'vitest';
import type { JobRecord } from '../../src/domain/index.ts';
import { countWantedSlots, createJob, findWorkerKind } from '../../src/jobs/index.ts';
import type { JobSpec } from '../../src/spec/index.ts';
import { job } from '../support/jobs.ts';
import { World } from '../support/world.ts';

const id = 'job_00000000000000000000';

async function readNewJob(changes: Partial<JobRecord> = {}): Promise<{ job: JobRecord; spec: JobSpec }> {
  const { ledger } = new World();
  await createJob(ledger, id, job());
  const view = await ledger.readJob(id);
  return { job: { ...view.job, state: 'running', ...changes }, spec: view.spec };
}

describe('countWantedSlots', () => {
  test('counts open and creatable trials, at most maxParallelism', async () => {
    const { job: record, spec } = await readNewJob();
    const search = { ...spec.search, maxParallelism: 4 };
    const count = (changes: Partial<JobRecord>): number =>
      countWantedSlots({ ...record, budget: 10, ...changes }, { ...spec, search });
    expect(count({})).toBe(4);
    expect(count({ nextNumber: 9, open: ['8'] })).toBe(2);
    const counts = { ...record.counts, running: 1 };
    expect(count({ nextNumber: 10, open: ['9'], counts })).toBe(1);
    expect(count({ state: 'paused', counts, open: ['8', '9'] })).toBe(1);
  });

  const confirm = { top: 2, seeds: 3 };
  /** The trials outside the search, once these points are confirmed. */
  const listExtras = (...numbers: number[]): string[] => [
    'reference',
    ...[0, 1, 2].flatMap((seed) => ['reference', ...numbers].map((each) => `confirm-${each}-${seed}`)),
  ];

  test('counts confirm trials once the search is settled, and none when all exist', async () => {
    const { job: record, spec } = await readNewJob({ nextNumber: 6 });
    const changed = { ...spec, search: { ...spec.search, maxParallelism: 100 }, confirm };
    const counts = { ...record.counts, complete: 6 };
    const best = { number: 4, value: 0.1, point: {} };
    const count = (extras: string[]): number => countWantedSlots({ ...record, counts, best, extras }, changed);
    expect(count(['reference'])).toBe(9);
    expect(count(listExtras(4, 1).slice(0, -2))).toBe(2);
    expect(count(listExtras(4, 1))).toBe(0);
    expect(countWantedSlots({ ...record, extras: ['reference'] }, changed)).toBe(0);
  });

  test('counts the confirm trials of new best points of an extended job', async () => {
    const { job: record, spec } = await readNewJob({ nextNumber: 12, budget: 12 });
    const changed = { ...spec, search: { ...spec.search, maxParallelism: 100 }, confirm };
    const counts = { ...record.counts, complete: 12 };
    const count = (best: number, changes: Partial<JobRecord> = {}): number => {
      const found = { ...record, counts, best: { number: best, value: 0.1, point: {} }, extras: listExtras(0, 1) };
      return countWantedSlots({ ...found, ...changes }, changed);
    };
    expect(count(9)).toBe(6);
    // The second best point may be another one.
    expect(count(0)).toBe(3);
    // No other trial may be among the best.
    expect(
      countWantedSlots({ ...record, counts, extras: listExtras(0, 1) }, { ...changed, confirm: { top: 0, seeds: 3 } }),
    ).toBe(0);
    expect(count(0, { budget: 6, nextNumber: 6, counts: { ...counts, complete: 6 } })).toBe(0);
    expect(count(0, { budget: 6, nextNumber: 7, invalidated: 1, counts: { ...counts, complete: 6 } })).toBe(3);
  });
});

test('findWorkerKind reads the pinned runtime, then a live worker, then the job file', async () => {
  const { job: record, spec } = await readNewJob();
  if (spec.objective.kind !== 'training') throw new Error('the job of this test trains');
  const runtime = 'wasm float32 cpu threads=1 simd=true';
  const find = (runtime: string | null, workers = {}): unknown =>
    findWorkerKind({ ...record, runtime }, { ...spec, workers: { labels: [], ...workers } }, []);
  expect(find(runtime)).toEqual({ backend: 'wasm', device: 'cpu', labels: '' });
  expect(find(null)).toEqual({ backend: spec.objective.backend, device: 'any', labels: '' });
  expect(find(null, { device: 'gpu', labels: ['b', 'a', 'b'] })).toMatchObject({ device: 'gpu', labels: 'a,b' });
});
