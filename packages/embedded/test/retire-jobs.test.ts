import { createJob, retireJobs, steerJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { jobSpec, listIds } from '@gradsmith/testing';
import { expect, test } from 'vitest';
import { sqliteFile } from './helpers.ts';

test('archives and removes more jobs in one call than the ledger lists in one page', async () => {
  const { open, dispose } = await sqliteFile();
  const store = await open();
  const ledger = new Ledger(store);
  const spec = jobSpec();
  const ids = Array.from({ length: 1_001 }, (_, n) => `job_${String(n).padStart(20, '0')}`);
  for (const id of ids) {
    await createJob(ledger, id, spec);
    await steerJob(ledger, id, 'cancel');
  }
  expect((await retireJobs(ledger, { keepMs: -1, archive: async () => {} })).sort()).toEqual(ids);
  expect(await listIds(store)).toEqual([]);
  await store.close();
  await dispose();
});
