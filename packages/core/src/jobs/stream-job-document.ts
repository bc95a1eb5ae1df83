import { listTrialIds } from '../domain/list-trial-ids.ts';
import type { AttemptKey } from '../domain/reports.ts';
import type { JobView, Ledger } from '../ledger/ledger.ts';
import { isRecorded } from '../spec/job-spec.ts';
import { listAttemptKeys } from '../trials/read-trial.ts';
import { readRecordings, readReports, refuseChanged } from './export-job.ts';

/** Trials or curves that are read and written at once. */
const PAGE = 100;

/**
 * Writes the document of `exportJob` as JSON, in pages, so that a job of any size needs little memory and never holds
 * up others.
 *
 * @throws Conflict if a finished job changes or is removed in the meantime, for example because it is extended
 */
export async function* streamJobDocument(ledger: Ledger, { job, spec, details }: JobView): AsyncGenerator<string> {
  const ids = listTrialIds(job);
  yield `{"format":"gradsmith-job","version":2,"spec":${JSON.stringify(spec)},"job":${JSON.stringify(job)}`;
  if (details?.notes !== undefined) yield `,"notes":${JSON.stringify(details.notes)}`;
  yield ',"trials":[';
  let separator = '';
  const attempted: AttemptKey[][] = [];
  for (let from = 0; from < ids.length; from += PAGE) {
    const trials = await ledger.readTrials(job.id, ids.slice(from, from + PAGE));
    if (!trials.length) continue;
    attempted.push(...trials.map(listAttemptKeys));
    yield separator + trials.map((trial) => JSON.stringify(trial)).join(',');
    separator = ',';
  }
  yield '],"curves":{';
  separator = '';
  for (let from = 0; from < ids.length; from += PAGE) {
    const page = ids.slice(from, from + PAGE);
    const curves = await ledger.readCurves(job.id, page);
    const entries = page.flatMap((id, i) => (curves[i] ? [`${JSON.stringify(id)}:${JSON.stringify(curves[i])}`] : []));
    if (!entries.length) continue;
    yield separator + entries.join(',');
    separator = ',';
  }
  yield '}';
  // Absent if there are none, as in the documents of earlier versions.
  separator = ',"reports":{';
  for (let from = 0; from < attempted.length; from += PAGE) {
    const page = attempted.slice(from, from + PAGE);
    const reports = Object.entries(await readReports(ledger, job.id, page.flat()));
    if (!reports.length) continue;
    yield separator + reports.map(([id, byAttempt]) => `${JSON.stringify(id)}:${JSON.stringify(byAttempt)}`).join(',');
    separator = ',';
  }
  if (separator === ',') yield '}';
  if (isRecorded(spec)) yield* streamRecordings(ledger, job.id, ids);
  await refuseChanged(ledger, job);
  yield '}';
}

async function* streamRecordings(ledger: Ledger, jobId: string, ids: readonly string[]): AsyncGenerator<string> {
  let separator = ',"recordings":{';
  for (let from = 0; from < ids.length; from += PAGE) {
    const recordings = Object.entries(await readRecordings(ledger, jobId, ids.slice(from, from + PAGE)));
    yield separator + recordings.map(([id, each]) => `${JSON.stringify(id)}:${JSON.stringify(each)}`).join(',');
    if (recordings.length) separator = ',';
  }
  yield '}';
}
