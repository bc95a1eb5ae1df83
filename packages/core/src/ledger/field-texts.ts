import { countSettled } from '../domain/budget.ts';
import { CorruptRecord, NotFound } from '../domain/errors.ts';
import { applyDetails } from '../domain/job-details.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { isActive } from '../domain/job-states.ts';
import type { ReportsRecord } from '../domain/reports.ts';
import { Draft } from './draft.ts';
import type { JobNames } from './job-index.ts';
import { decodeRecord, decodeSpec, encodeRecord, fields } from './records.ts';
import type { IndexChange, StoreChange, StoreRead } from './store.ts';
import type { Needs } from './transition-groups.ts';

/** Start of the fields of reports. */
const REPORTS = 'reports:';

/** Fields of a job as of one time of the ledger's clock, ms. */
export interface FieldTexts {
  now: number;
  texts: ReadonlyMap<string, string | null>;
}

/** Returns what the store read, by field. */
export function toFieldTexts(names: readonly string[], { now, values }: StoreRead): FieldTexts {
  return { now, texts: new Map(names.map((name, i) => [name, values[i] ?? null])) };
}

/** Lists the fields that any of the transitions needs, without the trials that depend on the job. */
export function listFields(needs: readonly Needs[]): string[] {
  const optional = (['lease', 'enqueued', 'rungs', 'notifications', 'details'] as const).filter((name) =>
    needs.some((each) => each[name]),
  );
  const listed = needs.flatMap(({ trials }) => (typeof trials === 'function' ? [] : (trials ?? [])));
  const reports = needs.flatMap((each) => (each.reports ? [fields.reports(each.reports)] : []));
  const records = optional.map((name) => fields[name]);
  return [...new Set([fields.job, fields.spec, ...records, ...listed.map(fields.trial), ...reports])];
}

/** Decodes what was read. Throws NotFound and CorruptRecord. */
export function createDraft(jobId: string, { now, texts }: FieldTexts): Draft {
  const job = readJobRecord(jobId, texts);
  const stored = <K extends 'lease' | 'enqueued' | 'rungs' | 'notifications' | 'details'>(kind: K) => {
    const text = texts.get(fields[kind]);
    return text ? decodeRecord(kind, text) : null;
  };
  const trials = [...texts].flatMap(([name, text]) =>
    text !== null && name.startsWith(fields.trial('')) ? [decodeRecord('trial', text)] : [],
  );
  const records = {
    lease: stored('lease'),
    enqueued: stored('enqueued'),
    rungs: stored('rungs'),
    notifications: stored('notifications'),
    details: stored('details'),
    reports: decodeReports(texts),
  };
  return new Draft(now, decodeSpec(texts.get(fields.spec)!), job, records, trials);
}

function decodeReports(texts: ReadonlyMap<string, string | null>): Map<string, ReportsRecord> {
  const decoded = new Map<string, ReportsRecord>();
  for (const [name, text] of texts) {
    if (text && name.startsWith(REPORTS)) decoded.set(name, decodeRecord('reports', text));
  }
  return decoded;
}

/** Decodes the record of the job alone. Throws NotFound and CorruptRecord. */
export function readJobRecord(jobId: string, texts: ReadonlyMap<string, string | null>): JobRecord {
  const text = texts.get(fields.job);
  if (!text) throw new NotFound(`job ${jobId}`);
  if (!texts.get(fields.spec)) throw new CorruptRecord(`job ${jobId} has no specification; restore it from a back-up`);
  return decodeRecord('job', text);
}

/** Expects everything that was read to be unchanged, except the specification, which never changes. */
export function toChange(draft: Draft, read: ReadonlyMap<string, string | null>): StoreChange {
  const writes: [string, string][] = [...draft.curves].map(([id, curve]) => [fields.curve(id), curve]);
  for (const [id, recording] of draft.recordings) writes.push([fields.recording(id), JSON.stringify(recording)]);
  for (const [field, record] of draft.changedReports) writes.push([field, encodeRecord(record)]);
  for (const what of draft.changed) {
    // The index alone has the names.
    if (what === 'names') continue;
    if (what === 'job') writes.push([fields.job, encodeRecord(draft.job)]);
    else if (what === 'lease') writes.push([fields.lease, encodeRecord(draft.lease!)]);
    else if (what === 'enqueued') writes.push([fields.enqueued, encodeRecord(draft.enqueued)]);
    else if (what === 'notifications') writes.push([fields.notifications, encodeRecord(draft.notifications)]);
    else if (what === 'details') writes.push([fields.details, encodeRecord(draft.details!)]);
    else if (what === 'rungs') writes.push([fields.rungs, encodeRecord(draft.rungs)]);
    else writes.push([fields.trial(what.id), encodeRecord(what)]);
  }
  const jobChanged = draft.changed.has('job') || draft.changed.has('names');
  // A heartbeat or a lease renewal does not change the job, so it need not conflict with transitions that do.
  const unread = new Set<string>();
  if (!jobChanged) unread.add(fields.job);
  if (!draft.changed.has('rungs')) unread.add(fields.rungs);
  // The specification is removed with its job: expecting it refuses what would be written for a deleted job.
  if (!draft.changed.has('notifications')) unread.add(fields.spec);
  // A report changes its trial, too, so that expecting the trial is enough.
  const expected = [...read].filter(([name]) => !unread.has(name) && !name.startsWith(REPORTS));
  return jobChanged ? { expected, writes, index: toIndexChange(draft, read) } : { expected, writes };
}

function toIndexChange(draft: Draft, read: ReadonlyMap<string, string | null>): IndexChange {
  const index = createIndexChange(draft.job);
  const before = { state: draft.stateBefore };
  if (!draft.changed.has('details') && !draft.changed.has('names')) return { ...index, before };
  const text = read.get(fields.details);
  const names = getNames(applyDetails(draft.spec, text ? decodeRecord('details', text) : null));
  return { ...index, names: getNames(applyDetails(draft.spec, draft.details)), before: { ...before, names } };
}

/** Returns how the index lists a job, except for its names. */
export function createIndexChange(job: JobRecord): IndexChange {
  const progress = { state: job.state, settled: countSettled(job), best: job.best?.value ?? null };
  return { createdAt: job.createdAt, active: isActive(job.state), progress };
}

/** Returns what the index lists of a specification. */
export function getNames({ name, labels }: JobNames): JobNames {
  return { name, labels };
}
