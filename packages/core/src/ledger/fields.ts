import { CorruptRecord } from '../errors.ts';
import type { NoticesRecord } from '../job/notices.ts';
import type { RungsRecord } from '../job/pruning.ts';
import type { ImportRecord, JobRecord, LeaseRecord } from '../job/record.ts';
import type { TrialRecord } from '../trial/record.ts';
import type { QueueRecord } from './queue.ts';

/** Every field of a job in the store; nothing else names them. */
export const fields = {
  spec: 'spec',
  job: 'job',
  lease: 'lease',
  queue: 'queue',
  rungs: 'rungs',
  notices: 'notices',
  imported: 'imported',
  trial: (id: string) => `trial:${id}`,
  curve: (id: string) => `curve:${id}`,
} as const;

/** The version written into every record. Older versions are brought forward by `migrations`. */
export const SCHEMA_VERSION = 1;

interface Records {
  job: JobRecord;
  lease: LeaseRecord;
  queue: QueueRecord;
  rungs: RungsRecord;
  notices: NoticesRecord;
  imported: ImportRecord;
  trial: TrialRecord;
}

type Step = (record: Record<string, unknown>) => Record<string, unknown>;

/** For each kind, what brings its records from each version to the next; see `bringForward`. */
const migrations: Record<keyof Records, readonly Step[]> = {
  job: [],
  lease: [],
  queue: [],
  rungs: [],
  notices: [],
  imported: [],
  trial: [],
};

/** Reads a stored record of any known version. Throws CorruptRecord, naming field and remedy. */
export function decodeRecord<K extends keyof Records>(kind: K, text: string): Records[K] {
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new CorruptRecord(`a stored ${kind} record is not JSON (${String(error)}); restore it from a back-up`);
  }
  return bringForward(kind, record, migrations[kind], SCHEMA_VERSION) as unknown as Records[K];
}

/** `steps[i]` turns a record of version i + 1 into one of version i + 2; `newest` is the version wanted. */
export function bringForward(
  kind: string,
  record: Record<string, unknown>,
  steps: readonly Step[],
  newest: number,
): Record<string, unknown> {
  const { schema } = record;
  if (typeof schema === 'number' && Number.isInteger(schema) && schema >= 1 && schema <= newest) {
    return steps
      .slice(schema - 1, newest - 1)
      .reduce((old, step, i) => ({ ...step(old), schema: schema + i + 1 }), record);
  }
  throw new CorruptRecord(
    `a stored ${kind} record has version ${String(schema)}; this program reads version ${newest}. Run the version of Gradsmith that wrote it, or a newer one`,
  );
}

/** The text that is stored. Key order is the order of construction, so equal records may differ in text. */
export function encodeRecord(record: Records[keyof Records]): string {
  return JSON.stringify(record, (key, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${key} is ${value}, not finite`);
    return value;
  });
}
