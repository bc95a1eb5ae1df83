import { NotFound } from '../domain/errors.ts';
import { acquireJobLease } from '../jobs/job-lease.ts';
import type { CoordinatorDeps } from './deps.ts';

/** Renewals in one lease, so that one may be late or lost before it runs out. */
export const RENEWALS_PER_LEASE = 3;

/**
 * Does the work and renews the job's lease until it is done. Suggestions may take longer than a lease, and without
 * renewal another coordinator would start the same ones over and over. If the lease is lost all the same (the process
 * was suspended), the fence refuses what the work writes.
 */
export async function withRenewedLease<T>(deps: CoordinatorDeps, jobId: string, work: () => Promise<T>): Promise<T> {
  const done = new AbortController();
  const renewing = renewLease(deps, jobId, done.signal);
  try {
    return await work();
  } finally {
    done.abort('done');
    await renewing;
  }
}

async function renewLease(deps: CoordinatorDeps, jobId: string, done: AbortSignal): Promise<void> {
  const { ledger, clock, log, owner, leaseMs } = deps;
  for (;;) {
    await clock.sleep(leaseMs / RENEWALS_PER_LEASE, done);
    if (done.aborted) return;
    try {
      if ((await acquireJobLease(ledger, jobId, owner, leaseMs)).kind === 'taken') return;
    } catch (error) {
      if (error instanceof NotFound) return;
      log.warn({ err: error, job: jobId }, 'job lease not renewed');
    }
  }
}
