import { releaseJobLease } from '../jobs/job-lease.ts';
import { ChangedJobs } from './changed-jobs.ts';
import { Coordinator } from './coordinator.ts';
import type { RunCoordinatorDeps } from './deps.ts';
import { listActiveJobs } from './list-active-jobs.ts';

/** Leads the active jobs, or one of them, until the signal aborts; then releases its leases. */
export async function runCoordinator(deps: RunCoordinatorDeps, signal: AbortSignal): Promise<void> {
  const changed = new ChangedJobs();
  const unsubscribe = deps.signals.subscribe((jobId) => {
    if (deps.only === undefined || jobId === deps.only) changed.add(jobId);
  });
  await new Coordinator(deps, changed, signal).run();
  unsubscribe();
  await releaseLeases(deps);
}

async function releaseLeases(deps: RunCoordinatorDeps): Promise<void> {
  const { ledger, owner, log } = deps;
  try {
    for (const jobId of await listActiveJobs(deps)) {
      const found = await ledger.findJob(jobId);
      if (found?.lease?.owner === owner) await releaseJobLease(ledger, { jobId, fence: found.lease.fence });
    }
  } catch (error) {
    log.warn({ err: error }, 'leases not released; another coordinator takes over when they expire');
  }
}
