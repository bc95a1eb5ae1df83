import type { ReportData } from '@gradsmith/charts';
import { createJob } from '@gradsmith/core/jobs';
import { parseJob, type JobInput } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { openLedger } from '../src/embedded/open.ts';
import { EmbeddedHost } from '../src/hosts/embedded-host.ts';
import { toReportData } from '../src/report/to-report-data.ts';
import { folder, gaussians } from './support.ts';

const JOB = 'job_00000000000000000001';

async function createReport(change: { search?: object; objective?: object }): Promise<ReportData> {
  const data = folder();
  const ledger = await openLedger(data);
  try {
    const job = JSON.parse(gaussians()) as JobInput;
    const { search, objective } = change;
    const changed = { ...job, search: { ...job.search, ...search }, objective: { ...job.objective, ...objective } };
    await createJob(ledger, JOB, parseJob(changed));
    const document = await new EmbeddedHost(ledger, data, true).document(JOB);
    return toReportData(document, null);
  } finally {
    await ledger.close();
  }
}

async function listNotes(search: Partial<JobInput['search']>): Promise<string> {
  return (await createReport({ search })).reproduce.notes.join('\n');
}

test('says over how many seeds the search averages', async () => {
  const readSeeds = async (objective: object) =>
    (await createReport({ objective })).facts.find(({ label }) => label === 'Seeds')?.value;
  expect(await readSeeds({ seed: 7 })).toMatch(/^7 for the search, /);
  expect(await readSeeds({ seed: 7, seedsPerTrial: 3 })).toMatch(
    /^3 for the search, over which each trial averages \(7 and 2 that are derived from it\), /,
  );
});

test('says that trials at the same time change the points of a repetition', async () => {
  expect(await listNotes({ maxParallelism: 4 })).toMatch(/^With maxParallelism 4, .*other points are proposed/);
  expect(await listNotes({ maxParallelism: 4, algorithm: 'random', pruning: 'asha' })).toMatch(/trials are pruned/);
  expect(await listNotes({ maxParallelism: 1 })).toBe('');
  expect(await listNotes({ maxParallelism: 4, algorithm: 'sobol' })).toBe('');
});
