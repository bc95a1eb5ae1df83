import type { EnqueuedPoints } from '../domain/enqueued-points.ts';
import { CorruptRecord } from '../domain/errors.ts';
import type { ImportRecord, JobRecord, LeaseRecord } from '../domain/job-record.ts';
import type { NotificationsRecord } from '../domain/notifications-record.ts';
import type { RungsRecord } from '../domain/pruning.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { migrations, upgradeRecord, upgradeSpec } from './migrations.ts';

/** Every field of a job in the store; nothing else names them. */
export const fields = {
  spec: 'spec',
  job: 'job',
  lease: 'lease',
  // Stored under the names of the first version, so that no job has to be rewritten.
  enqueued: 'queue',
  rungs: 'rungs',
  notifications: 'notices',
  imported: 'imported',
  trial: (id: string) => `trial:${id}`,
  curve: (id: string) => `curve:${id}`,
} as const;

/** The version written into every record. `migrations.ts` upgrades older ones as they are read. */
export const SCHEMA_VERSION = 2;

interface Records {
  job: JobRecord;
  lease: LeaseRecord;
  enqueued: EnqueuedPoints;
  rungs: RungsRecord;
  notifications: NotificationsRecord;
  imported: ImportRecord;
  trial: TrialRecord;
}

/** Reads a stored record of any known version. Throws CorruptRecord, naming field and remedy. */
export function decodeRecord<K extends keyof Records>(kind: K, text: string): Records[K] {
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new CorruptRecord(`a stored ${kind} record is not JSON (${String(error)}); restore it from a back-up`);
  }
  return upgradeRecord(kind, record, migrations[kind], SCHEMA_VERSION) as unknown as Records[K];
}

/** The text that is stored. Key order is the order of construction, so equal records may differ in text. */
export function encodeRecord(record: Records[keyof Records]): string {
  return JSON.stringify(record, (key, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${key} is ${value}, not finite`);
    return value;
  });
}

/** Reads a stored specification. */
export function decodeSpec(text: string): JobSpec {
  return upgradeSpec(JSON.parse(text) as Record<string, unknown>) as unknown as JobSpec;
}
