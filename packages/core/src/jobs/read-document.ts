import { Conflict } from '../domain/errors.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { isActive } from '../domain/job-states.ts';
import { listTrialIds } from '../domain/list-trial-ids.ts';
import type { Recording } from '../domain/recording.ts';
import type { AttemptKey } from '../domain/reports.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { JobView } from '../ledger/job-view.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { isRecorded } from '../spec/job-spec.ts';
import { listAttemptKeys } from '../trials/read-trial.ts';
import type { JobDocument } from './job-document.ts';

/** Trials that are read at once. */
const PAGE = 100;
/** Trials whose curves or recordings are read at once: each has up to three megabytes. */
const CURVES_PAGE = 20;

type Reports = NonNullable<JobDocument['reports']>[string];
type Entries<V> = [trialId: string, value: V][];

/** Some values of a field of a document. A field that the document has without a value has one empty part. */
export type DocumentPart =
  | { field: 'trials'; values: TrialRecord[] }
  | { field: 'curves'; values: Entries<string> }
  | { field: 'reports'; values: Entries<Reports> }
  | { field: 'recordings'; values: Entries<Recording> };

/** Returns the fields of a job's document that come before those of its trials. */
export function createDocumentHead({
  spec,
  job,
  details,
}: JobView): Pick<JobDocument, 'format' | 'version' | 'spec' | 'job' | 'notes'> {
  const head = { format: 'gradsmith-job', version: 2, spec, job } as const;
  return details?.notes === undefined ? head : { ...head, notes: details.notes };
}

/**
 * Reads everything that the ledger holds of the trials of a job, page by page, one field of the document after the
 * other.
 *
 * @throws Conflict if a finished job changes or is removed in the meantime, for example because it is extended
 */
export async function* readDocumentParts(ledger: Ledger, { job, spec }: JobView): AsyncGenerator<DocumentPart> {
  const ids = listTrialIds(job);
  const attempted: AttemptKey[][] = [];
  yield { field: 'trials', values: [] };
  for (const page of toPages(ids, PAGE)) {
    const values = await ledger.readTrials(job.id, page);
    attempted.push(...values.map(listAttemptKeys));
    yield { field: 'trials', values };
  }
  yield { field: 'curves', values: [] };
  for (const page of toPages(ids, CURVES_PAGE)) {
    const curves = await ledger.readCurves(job.id, page);
    yield { field: 'curves', values: toEntries(page, curves) };
  }
  for (const page of toPages(attempted, PAGE)) {
    const values = await readReports(ledger, job.id, page.flat());
    // Absent if there are none, as in the documents of earlier versions.
    if (values.length) yield { field: 'reports', values };
  }
  if (isRecorded(spec)) yield { field: 'recordings', values: [] };
  for (const page of isRecorded(spec) ? toPages(ids, CURVES_PAGE) : []) {
    const recordings = await ledger.readRecordings(job.id, page);
    yield { field: 'recordings', values: toEntries(page, recordings) };
  }
  await refuseChanged(ledger, job);
}

function* toPages<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}

/** Pairs ids with their values, without those that have none. */
function toEntries<V>(ids: readonly string[], values: readonly (V | null)[]): Entries<V> {
  return ids.flatMap((id, i): Entries<V> => (values[i] ? [[id, values[i]]] : []));
}

/** Reads what the attempts reported, by trial and attempt; nothing of attempts without reports. */
async function readReports(ledger: Ledger, jobId: string, keys: readonly AttemptKey[]): Promise<Entries<Reports>> {
  const records = await ledger.readReports(jobId, keys);
  const reports = new Map<string, Reports>();
  for (const [i, record] of records.entries()) {
    const { trialId, attemptId } = keys[i]!;
    if (record) reports.set(trialId, { ...reports.get(trialId), [attemptId]: record });
  }
  return [...reports];
}

/**
 * Ends an export whose parts may not belong together. Of a job that is removed while it is read, the parts that were
 * read late are missing.
 *
 * @throws Conflict if a finished job is not as it was when the export began. A job that runs changes all the time
 */
async function refuseChanged(ledger: Ledger, job: JobRecord): Promise<void> {
  if (isActive(job.state) || (await ledger.findJob(job.id))?.job.seq === job.seq) return;
  throw new Conflict(`job ${job.id} changed or was removed while it was exported; export it again`);
}
