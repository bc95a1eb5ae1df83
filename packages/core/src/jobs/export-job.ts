import { Conflict } from '../domain/errors.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { isActive } from '../domain/job-states.ts';
import type { AttemptKey } from '../domain/reports.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { isRecorded } from '../spec/job-spec.ts';
import { listAttemptKeys } from '../trials/read-trial.ts';
import { type JobDocument } from './job-document.ts';

/**
 * Reads everything the ledger holds of a job.
 *
 * @throws NotFound for an unknown job, Conflict if a finished job changes or is removed in the meantime
 */
export async function exportJob(ledger: Ledger, jobId: string): Promise<JobDocument> {
  const { job, spec, details } = await ledger.readJob(jobId);
  const trials = await ledger.readAllTrials(job);
  const ids = trials.map(({ id }) => id);
  const curves = await ledger.readCurves(jobId, ids);
  const stored = ids.map((id, i) => [id, curves[i]!] as const).filter(([, curve]) => curve);
  const reports = await readReports(ledger, jobId, trials.flatMap(listAttemptKeys));
  const recordings = isRecorded(spec) ? { recordings: await readRecordings(ledger, jobId, ids) } : {};
  await refuseChanged(ledger, job);
  const document: JobDocument = {
    format: 'gradsmith-job',
    version: 2,
    spec,
    job,
    trials,
    curves: Object.fromEntries(stored),
    ...recordings,
  };
  if (details?.notes !== undefined) document.notes = details.notes;
  if (Object.keys(reports).length) document.reports = reports;
  return document;
}

/**
 * Ends an export whose parts may not belong together. Of a job that is removed while it is read, the parts that were
 * read late are missing.
 *
 * @throws Conflict if a finished job is not as it was when the export began. A job that runs changes all the time
 */
export async function refuseChanged(ledger: Ledger, job: JobRecord): Promise<void> {
  if (isActive(job.state) || (await ledger.findJob(job.id))?.job.seq === job.seq) return;
  throw new Conflict(`job ${job.id} changed or was removed while it was exported; export it again`);
}

/** Reads the recorded weights of the trials that have some. */
export async function readRecordings(
  ledger: Ledger,
  jobId: string,
  ids: readonly string[],
): Promise<NonNullable<JobDocument['recordings']>> {
  const recordings = await ledger.readRecordings(jobId, ids);
  return Object.fromEntries(ids.flatMap((id, i) => (recordings[i] ? [[id, recordings[i]] as const] : [])));
}

type Reports = NonNullable<JobDocument['reports']>;

/** Reads what the attempts reported, by trial and attempt; nothing of attempts without reports. */
export async function readReports(ledger: Ledger, jobId: string, keys: readonly AttemptKey[]): Promise<Reports> {
  const records = await ledger.readReports(jobId, keys);
  const reports: Reports = {};
  for (const [i, record] of records.entries()) {
    const { trialId, attemptId } = keys[i]!;
    if (record) (reports[trialId] ??= {})[attemptId] = record;
  }
  return reports;
}
