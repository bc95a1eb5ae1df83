import type { EnqueuedPoints } from '../domain/enqueued-points.ts';
import { CorruptRecord } from '../domain/errors.ts';
import type { JobDetails } from '../domain/job-details.ts';
import type { ImportRecord, JobRecord, LeaseRecord } from '../domain/job-record.ts';
import type { NotificationsRecord } from '../domain/notifications-record.ts';
import type { RungsRecord } from '../domain/pruning.ts';
import { recordingSchema, type Recording } from '../domain/recording.ts';
import type { AttemptKey, ReportsRecord } from '../domain/reports.ts';
import { SCHEMA_VERSION } from '../domain/schema-version.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { migrations, upgradeRecord, upgradeSpec } from './migrations.ts';

const TRIAL_PREFIX = 'trial:';
const REPORTS_PREFIX = 'reports:';

/** Every field of a job in the store; nothing else names them. */
export const fields = {
  spec: 'spec',
  job: 'job',
  details: 'details',
  lease: 'lease',
  // Stored under the names of the first version, so that no job has to be rewritten.
  enqueued: 'queue',
  rungs: 'rungs',
  notifications: 'notices',
  imported: 'imported',
  trial: (id: string) => `${TRIAL_PREFIX}${id}`,
  curve: (id: string) => `curve:${id}`,
  recording: (id: string) => `recording:${id}`,
  reports: ({ trialId, attemptId }: AttemptKey) => `${REPORTS_PREFIX}${trialId}:${attemptId}`,
} as const;

/** Returns whether a field holds the record of a trial. */
export function isTrialField(field: string): boolean {
  return field.startsWith(TRIAL_PREFIX);
}

/** Returns whether a field holds what an attempt has reported. */
export function isReportsField(field: string): boolean {
  return field.startsWith(REPORTS_PREFIX);
}

interface Records {
  job: JobRecord;
  lease: LeaseRecord;
  enqueued: EnqueuedPoints;
  rungs: RungsRecord;
  notifications: NotificationsRecord;
  imported: ImportRecord;
  trial: TrialRecord;
  reports: ReportsRecord;
  details: JobDetails;
}

/** Reads a stored record of any known version. Throws CorruptRecord, naming field and remedy. */
export function decodeRecord<K extends keyof Records>(kind: K, text: string): Records[K] {
  const record = corruptIfThrows(`${kind} record`, () => JSON.parse(text)) as Record<string, unknown>;
  return corruptIfThrows(`${kind} record`, () => {
    const upgraded = upgradeRecord(kind, record, migrations[kind], SCHEMA_VERSION);
    return kind === 'job' ? requireFields(upgraded, ['id', 'state', 'counts', 'open', 'extras']) : upgraded;
  }) as Records[K];
}

/** The text that is stored. Key order is the order of construction, so equal records may differ in text. */
export function encodeRecord(record: Records[keyof Records]): string {
  refuseNonFinite(record);
  return JSON.stringify(record);
}

/**
 * Looks through the record before it is encoded. A replacer of `JSON.stringify` takes far longer, and so does a loop
 * over the indices of an array as names: a job with a thousand open trials is encoded at each of their moves.
 */
function refuseNonFinite(parts: object): void {
  if (Array.isArray(parts)) for (let i = 0; i < parts.length; i++) refuseValue(i, parts[i]);
  else for (const name in parts) refuseValue(name, (parts as Record<string, unknown>)[name]);
}

function refuseValue(name: string | number, value: unknown): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${name} is ${value}, not finite`);
  } else if (typeof value === 'object' && value !== null) refuseNonFinite(value);
}

/** Reads a stored specification. Throws CorruptRecord, naming the remedy. */
export function decodeSpec(text: string): JobSpec {
  return corruptIfThrows('specification', () =>
    requireFields(upgradeSpec(JSON.parse(text) as Record<string, unknown>), ['name', 'objective', 'search']),
  ) as JobSpec;
}

/** What every reader of a job relies on: without it, one record would break each page that lists it. */
function requireFields(record: Record<string, unknown>, names: readonly string[]): object {
  const missing = names.filter((name) => record[name] === undefined);
  if (missing.length) throw new TypeError(`it has no ${missing.join(', ')}`);
  return record;
}

/** Reads stored weights of a training. Throws CorruptRecord, naming the remedy. */
export function decodeRecording(text: string): Recording {
  return corruptIfThrows('recording', () => recordingSchema.parse(JSON.parse(text))) as Recording;
}

/** A record with an impossible shape is as corrupt as one that is not JSON. */
function corruptIfThrows(kind: string, decode: () => unknown): unknown {
  try {
    return decode();
  } catch (error) {
    if (error instanceof CorruptRecord) throw error;
    throw new CorruptRecord(`a stored ${kind} cannot be read (${String(error)}); restore it from a back-up`);
  }
}
