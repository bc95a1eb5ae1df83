import { createJob } from '@gradsmith/core/jobs';
import { parseJob, type JobInput } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { openLedger } from '../src/embedded/open.ts';
import { EmbeddedHost } from '../src/hosts/embedded-host.ts';
import { toReportData } from '../src/report/to-report-data.ts';
import { folder, gaussians } from './support.ts';

const JOB = 'job_00000000000000000001';

async function listNotes(search: Partial<JobInput['search']>): Promise<string> {
  const data = folder();
  const ledger = await openLedger(data);
  try {
    const job = JSON.parse(gaussians()) as JobInput;
    await createJob(ledger, JOB, parseJob({ ...job, search: { ...job.search, ...search } }));
    const document = await new EmbeddedHost(ledger, data, true).document(JOB);
    return toReportData(document, null).reproduce.notes.join('\n');
  } finally {
    await ledger.close();
  }
}

test('says that trials at the same time change the points of a repetition', async () => {
  expect(await listNotes({ maxParallelism: 4 })).toMatch(/^With maxParallelism 4, .*other points are proposed/);
  expect(await listNotes({ maxParallelism: 4, algorithm: 'random', pruning: 'asha' })).toMatch(/trials are pruned/);
  expect(await listNotes({ maxParallelism: 1 })).toBe('');
  expect(await listNotes({ maxParallelism: 4, algorithm: 'sobol' })).toBe('');
});
