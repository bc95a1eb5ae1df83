import { countSettled } from '../domain/budget.ts';
import { applyDetails } from '../domain/job-details.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { isActive } from '../domain/job-states.ts';
import type { Draft } from './draft.ts';
import type { JobNames } from './job-index.ts';
import { decodeRecord, encodeRecord, fields, isReportsField } from './records.ts';
import type { IndexChange, StoreChange } from './store.ts';

/**
 * Returns what to commit for a draft. It expects everything that was read to be unchanged, except the specification,
 * which never changes.
 */
export function encodeChange(draft: Draft, read: ReadonlyMap<string, string | null>): StoreChange {
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
  const expected = [...read].filter(([name]) => !unread.has(name) && !isReportsField(name));
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
