import { NotFound } from '../domain/errors.ts';
import { acquireJobLease } from '../jobs/job-lease.ts';
import type { CoordinatorDeps } from './deps.ts';

/** Renewals in one lease: one may be late or lost before it runs out. */
const RENEWALS_PER_LEASE = 3;

/**
 * Does the work and renews the lease meanwhile: a suggestion, or several one after the other, may take longer than it
 * lasts, and another coordinator would begin the same one again, without end. Where the lease is lost all the same (the
 * process stood still) the fence refuses what the work comes to.
 */
export async function withRenewedLease<T>(deps: CoordinatorDeps, jobId: string, work: () => Promise<T>): Promise<T> {
  const { ledger, clock, log, owner, leaseMs } = deps;
  const over = new AbortController();
  const renew = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(leaseMs / RENEWALS_PER_LEASE, over.signal);
      if (over.signal.aborted) return;
      try {
        if ((await acquireJobLease(ledger, jobId, owner, leaseMs)).kind === 'taken') return;
      } catch (error) {
        if (error instanceof NotFound) return;
        log.warn({ err: error, job: jobId }, 'lease not renewed');
      }
    }
  };
  const renewing = renew();
  try {
    return await work();
  } finally {
    over.abort();
    await renewing;
  }
}
