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

  test('counts confirm trials once the search is settled', async () => {
    const { job: record, spec } = await readNewJob({ nextNumber: 10 });
    const changed: JobSpec = {
      ...spec,
      search: { ...spec.search, maxParallelism: 100 },
      confirm: { ...spec.confirm, top: 2, seeds: 3 },
    };
    const count = (extras: string[]): number => countWantedSlots({ ...record, budget: 10, extras }, changed);
    expect(count(['reference'])).toBe(spec.objective.kind === 'training' ? 9 : 0);
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
