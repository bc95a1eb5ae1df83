import { createJob } from '@gradsmith/core/jobs';
import type { LiveWorker } from '@gradsmith/core/ports';
import { parseJob } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { countActiveJobs } from '../src/admin/count-active-jobs.ts';
import { externalJob, startApi, validJob } from './support.ts';

const idle = { queued: 0, running: 0, paused: 0 };
const noTrials = { pending: 0, running: 0, complete: 0, pruned: 0, diverged: 0, failed: 0, cancelled: 0 };

const wasm: LiveWorker = {
  id: 'w',
  name: 'w',
  runtime: 'wasm float32 cpu threads=1',
  backend: 'wasm',
  slots: 2,
  busy: [],
  seenAt: 0,
};

test('counts nothing in an empty ledger', async () => {
  const { ledger } = await startApi();
  expect(await countActiveJobs(ledger, [])).toEqual({
    jobs: idle,
    trials: noTrials,
    withoutWorkers: 0,
    unreadable: 0,
    wantedSlots: [],
  });
});

test('adds the slots that jobs want of the same kind of worker, and knows which jobs have no worker', async () => {
  const { ledger } = await startApi();
  const search = { ...validJob.search, trials: 5 };
  await createJob(ledger, 'job_0', parseJob({ ...validJob, search: { ...search, maxParallelism: 3 } }));
  await createJob(ledger, 'job_1', parseJob({ ...validJob, search: { ...search, maxParallelism: 2 } }));
  await createJob(ledger, 'job_2', parseJob(externalJob));
  const without = await countActiveJobs(ledger, []);
  expect(without).toMatchObject({ jobs: { ...idle, queued: 3 }, withoutWorkers: 2 });
  expect(without.wantedSlots).toEqual([{ kind: { backend: 'auto', device: 'any', labels: '' }, slots: 5 }]);
  const served = await countActiveJobs(ledger, [wasm]);
  expect(served).toMatchObject({ jobs: { ...idle, queued: 3 }, withoutWorkers: 0 });
  expect(served.wantedSlots).toEqual([{ kind: { backend: 'wasm', device: 'cpu', labels: '' }, slots: 5 }]);
});
