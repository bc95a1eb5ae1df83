import { canonicalJson } from '../domain/canonical-json.ts';
import { Conflict, InvalidInput } from '../domain/errors.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { createNotifications } from '../domain/notifications-record.ts';
import { SCHEMA_VERSION } from '../domain/schema-version.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { encodeRecord, fields } from '../ledger/records.ts';
import { parseJob, type JobSpec } from '../spec/job-spec.ts';
import type { JobDocument } from './job-document.ts';
import { listDocumentProblems } from './list-document-problems.ts';

/** A checked document as records. Plain data, so that another thread can prepare it. */
export interface PreparedImport {
  job: JobRecord;
  spec: JobSpec;
  /** Records of trials, curves, recordings and reports, as text by field. */
  writes: (readonly [field: string, text: string])[];
}

/**
 * Checks a document and encodes its records. It takes seconds for a large job, so it must not run on an event loop that
 * others wait for.
 *
 * @throws InvalidInput for a document whose parts contradict each other
 */
export function prepareImport(document: JobDocument): PreparedImport {
  const { job, notes, trials, curves, recordings = {}, reports = {} } = document;
  const spec = parseJob(document.spec);
  const problems = listDocumentProblems({ ...document, spec });
  if (problems.length) throw new InvalidInput(problems, 'the document');
  const records = trials.map((trial) => [fields.trial(trial.id), encodeRecord(trial)] as const);
  const encodedCurves = Object.entries(curves).map(([trial, curve]) => [fields.curve(trial), curve] as const);
  const encodedRecordings = Object.entries(recordings).map(
    ([trial, recording]) => [fields.recording(trial), JSON.stringify(recording)] as const,
  );
  const encodedReports = Object.entries(reports).flatMap(([trialId, byAttempt]) =>
    Object.entries(byAttempt).map(([attemptId, record]) => {
      return [fields.reports({ trialId, attemptId }), encodeRecord(record)] as const;
    }),
  );
  const writes = [...records, ...encodedCurves, ...encodedRecordings, ...encodedReports];
  if (notes !== undefined) writes.push([fields.details, encodeRecord({ schema: SCHEMA_VERSION, notes })]);
  return { job, spec, writes };
}

/**
 * Stores an exported, finished job as it was, in one step. Importing it again changes nothing. Its webhooks were
 * notified by the ledger it comes from. It is kept as long as a job that finished at the time of the import.
 *
 * @throws Conflict if the id belongs to a job with another history
 */
export async function insertImport(
  ledger: Ledger,
  { job, spec, writes }: PreparedImport,
): Promise<{ id: string; created: boolean }> {
  const now = await ledger.readClock(job.id);
  const own: (readonly [string, string])[] = [[fields.imported, encodeRecord({ schema: SCHEMA_VERSION, at: now })]];
  if (spec.webhooks) {
    const delivered = { best: job.best?.number ?? null, finished: job.finishedAt };
    own.push([fields.notifications, encodeRecord(createNotifications(spec.webhooks.length, delivered))]);
  }
  const created = await ledger.insertJob(job.id, { job, spec, writes: [...own, ...writes] });
  if (!created && canonicalJson((await ledger.readJob(job.id)).job) !== canonicalJson(job)) {
    throw new Conflict(`job ${job.id} exists with another history; delete it first`);
  }
  return { id: job.id, created };
}

/** As `prepareImport` and `insertImport` together. Throws InvalidInput and Conflict. */
export async function importJob(ledger: Ledger, document: JobDocument): Promise<{ id: string; created: boolean }> {
  return insertImport(ledger, prepareImport(document));
}
