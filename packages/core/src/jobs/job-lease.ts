import { type Fenced, holdsFence } from '../ledger/fence.ts';
import type { Ledger } from '../ledger/ledger.ts';

export type JobLeaseAnswer = { kind: 'held'; fence: number } | { kind: 'taken'; owner: string };

/** Takes or renews the lease on a job for `owner` (unique per process start). A new holder gets a higher fence. */
export async function acquireJobLease(
  ledger: Ledger,
  jobId: string,
  owner: string,
  leaseMs: number,
): Promise<JobLeaseAnswer> {
  return ledger.transact(jobId, { lease: true }, (draft): JobLeaseAnswer => {
    const held = draft.lease;
    if (held && held.owner !== owner && held.expiresAt > draft.now) return { kind: 'taken', owner: held.owner };
    // A holder whose lease ran out keeps its fence if nobody else came: its view of the job is still the last one.
    const fence = held?.owner === owner ? held.fence : (held?.fence ?? 0) + 1;
    draft.lease = { schema: 2, owner, fence, expiresAt: draft.now + leaseMs };
    draft.markChanged('lease');
    return { kind: 'held', fence };
  });
}

/** Gives the lease back, so that another coordinator need not wait for its end. */
export async function releaseJobLease(ledger: Ledger, { jobId, fence }: Fenced): Promise<void> {
  await ledger.transact(jobId, { lease: true }, (draft) => {
    if (!holdsFence(draft, fence)) return;
    draft.lease = { ...draft.lease!, expiresAt: draft.now };
    draft.markChanged('lease');
  });
}
