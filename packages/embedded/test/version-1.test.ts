import { copyFileSync } from 'node:fs';
import { exportJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { completeTrial } from '@gradsmith/core/trials';
import { expect, test } from 'vitest';
import { SqliteStore } from '../src/index.ts';
import { sqliteFile } from './helpers.ts';

test('opens a ledger file of version 1 and continues its half-done job', async () => {
  const { file, dispose } = await sqliteFile();
  copyFileSync(new URL('fixtures/ledger-v1.sqlite', import.meta.url), file);
  const ledger = new Ledger(await SqliteStore.open({ file }));
  const jobId = 'job_halfdone000000000000';
  const active: string[] = [];
  for await (const id of ledger.listJobs({ active: true })) active.push(id);
  expect(active).toEqual(['job_external000000000000', jobId]);
  const result = { outcome: 'complete', value: 0.3, metrics: {}, curve: '', provenance: {} } as const;
  const attempt = { jobId, trialId: '1', attemptId: '00000000-0000-4000-8000-00000000aaaa' };
  expect(await completeTrial(ledger, attempt, result)).toBe('reported');
  const { job, trials } = await exportJob(ledger, jobId);
  expect(job).toMatchObject({ schema: 2, best: { number: 1, value: 0.3 }, counts: { complete: 2, pending: 2 } });
  expect(trials[1]!.history.map(([, move]) => move)).toEqual(['create', 'start', 'complete']);
  await ledger.close();
  await dispose();
});
