import { canonicalJson } from '../domain/canonical-json.ts';
import type { EnqueuedPoints } from '../domain/enqueued-points.ts';
import { Conflict } from '../domain/errors.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { SCHEMA_VERSION } from '../domain/schema-version.ts';
import { trialStates, type TrialState } from '../domain/trial-states.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { encodeRecord, fields } from '../ledger/records.ts';
import type { JobSpec } from '../spec/job-spec.ts';

/**
 * Records a job, once: the same id with the same specification answers with what is there (`created: false`), with
 * another specification it is a Conflict. `spec` must have passed `parseJob`; `enqueued` holds points to try first.
 */
export async function createJob(
  ledger: Ledger,
  jobId: string,
  spec: JobSpec,
  enqueued?: EnqueuedPoints,
): Promise<{ job: JobRecord; created: boolean }> {
  const now = await ledger.readClock(jobId);
  const job: JobRecord = {
    schema: SCHEMA_VERSION,
    id: jobId,
    state: 'queued',
    reason: null,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
    seq: 0,
    budget: spec.search.trials,
    nextNumber: 0,
    invalidated: 0,
    rewritten: 0,
    counts: Object.fromEntries(trialStates.map((state) => [state, 0])) as Record<TrialState, number>,
    open: [],
    extras: [],
    best: null,
    leaders: [],
    reference: null,
    runtime: null,
    lastError: null,
  };
  const writes = enqueued?.points.length ? [[fields.enqueued, encodeRecord(enqueued)] as const] : [];
  const created = await ledger.insertJob(jobId, { job, spec, writes });
  if (created) return { job, created };
  const present = await ledger.readJob(jobId);
  if (canonicalJson(await ledger.readPostedSpec(jobId)) !== canonicalJson(spec)) {
    throw new Conflict(`job ${jobId} exists with another specification; choose another Idempotency-Key or name`);
  }
  return { job: present.job, created };
}
