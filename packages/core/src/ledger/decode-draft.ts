import { CorruptRecord, NotFound } from '../domain/errors.ts';
import type { JobRecord } from '../domain/job-record.ts';
import type { ReportsRecord } from '../domain/reports.ts';
import { Draft } from './draft.ts';
import { decodeRecord, decodeSpec, fields, isReportsField, isTrialField } from './records.ts';
import type { StoreRead } from './store.ts';
import type { Needs } from './transition-groups.ts';

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
export function decodeDraft(jobId: string, { now, texts }: FieldTexts): Draft {
  const job = readJobRecord(jobId, texts);
  const stored = <K extends 'lease' | 'enqueued' | 'rungs' | 'notifications' | 'details'>(kind: K) => {
    const text = texts.get(fields[kind]);
    return text ? decodeRecord(kind, text) : null;
  };
  const trials = [...texts].flatMap(([name, text]) =>
    text !== null && isTrialField(name) ? [decodeRecord('trial', text)] : [],
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
    if (text && isReportsField(name)) decoded.set(name, decodeRecord('reports', text));
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
