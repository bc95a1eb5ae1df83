import type { JobRecord } from '../domain/job-record.ts';
import { isActive } from '../domain/job-states.ts';
import { SCHEMA_VERSION } from '../domain/schema-version.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { Draft } from '../ledger/draft.ts';
import { type Fenced, holdsFence } from '../ledger/fence.ts';
import type { JobView } from '../ledger/job-view.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { isSearchTimeOver } from '../spec/stop-rules.ts';
import { isOverdue } from './deadline.ts';

export type JobLeaseAnswer = { kind: 'held'; fence: number } | { kind: 'taken'; owner: string };

/** Acquires or renews the lease on a job for `owner` (unique per process start). A new holder gets a higher fence. */
export async function acquireJobLease(
  ledger: Ledger,
  jobId: string,
  owner: string,
  leaseMs: number,
): Promise<JobLeaseAnswer> {
  return ledger.transact(jobId, { lease: true }, (draft) => takeLease(draft, owner, leaseMs));
}

export type LeadAnswer =
  | { kind: 'held'; fence: number; view: JobView; open: TrialRecord[] | null }
  | { kind: 'taken' }
  | { kind: 'finished' };

export interface LeadOptions {
  owner: string;
  leaseMs: number;
  /** Without its open trials, a job is not ended at its deadline. By default they are read. */
  readsOpen?: boolean;
}

/**
 * Acquires the lease on an active job, starts the job if it is queued, ends it if it is past its deadline, and stops
 * its search if its time is over, in one step. Returns the job and its open trials as they are after it.
 */
export async function leadJob(
  ledger: Ledger,
  jobId: string,
  { owner, leaseMs, readsOpen = true }: LeadOptions,
): Promise<LeadAnswer> {
  const trials = (job: JobRecord): readonly string[] => (readsOpen ? job.open : []);
  return ledger.transact(jobId, { trials, lease: true, enqueued: true }, (draft): LeadAnswer => {
    const { job, spec, now } = draft;
    if (!isActive(job.state)) return { kind: 'finished' };
    const held = isFresh(draft, owner, leaseMs)
      ? { kind: 'held' as const, fence: draft.lease!.fence }
      : takeLease(draft, owner, leaseMs);
    if (held.kind === 'taken') return { kind: 'taken' };
    draft.moveJob('start');
    if (readsOpen && isOverdue(job, spec, now) && finishAtDeadline(draft)) return { kind: 'finished' };
    if (job.state === 'running' && isSearchTimeOver(job, spec, now)) draft.stopSearch('time');
    const open = readsOpen ? job.open.flatMap((id) => draft.trials.get(id) ?? []) : null;
    const view = { now, job, spec, lease: draft.lease, enqueued: draft.enqueued.points };
    return { kind: 'held', fence: held.fence, view, open };
  });
}

/** Completes a job that has a complete trial with what it has, and fails any other. */
function finishAtDeadline(draft: Draft): boolean {
  const reason = `not finished within its deadline of ${draft.spec.limits.deadline}`;
  return draft.moveJob(draft.job.counts.complete > 0 ? 'complete' : 'fail', reason);
}

/** Share of a lease after which it is renewed: a job that is advanced often need not write its lease each time. */
const RENEWED_AFTER = 1 / 6;

function isFresh({ lease, now }: Draft, owner: string, leaseMs: number): boolean {
  return lease?.owner === owner && lease.expiresAt - now > leaseMs * (1 - RENEWED_AFTER);
}

function takeLease(draft: Draft, owner: string, leaseMs: number): JobLeaseAnswer {
  const held = draft.lease;
  if (held && held.owner !== owner && held.expiresAt > draft.now) return { kind: 'taken', owner: held.owner };
  // A holder whose lease ran out keeps its fence if nobody else came: what it knows of the job is still current.
  const fence = held?.owner === owner ? held.fence : (held?.fence ?? 0) + 1;
  draft.lease = { schema: SCHEMA_VERSION, owner, fence, expiresAt: draft.now + leaseMs };
  draft.markChanged('lease');
  return { kind: 'held', fence };
}

/** Releases the lease, so that another coordinator need not wait until it expires. */
export async function releaseJobLease(ledger: Ledger, { jobId, fence }: Fenced): Promise<void> {
  await ledger.transact(jobId, { lease: true }, (draft) => {
    if (!holdsFence(draft, fence)) return;
    draft.lease = { ...draft.lease!, expiresAt: draft.now };
    draft.markChanged('lease');
  });
}
