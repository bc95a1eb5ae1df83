import { LedgerUnavailable } from '../domain/errors.ts';
import { chooseRuntime } from '../jobs/choose-runtime.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { WorkerInfo } from '../ports/workers.ts';
import type { RunCoordinatorDeps } from './deps.ts';

/** What each active job takes of its runtime's slots, as last seen. A hint: the ledger alone decides what may run. */
export type SlotUsage = Map<string, JobSlotUsage>;

interface JobSlotUsage {
  route: string;
  trials: number;
}

export async function updateSlotUsage(
  deps: RunCoordinatorDeps,
  id: string,
  workers: readonly WorkerInfo[],
  loads: SlotUsage,
): Promise<void> {
  const load = await readSlotUsage(deps.ledger, id, workers).catch((error: unknown) => {
    if (error instanceof LedgerUnavailable) throw error;
    // A record that cannot be read is told of when the job is advanced.
    return null;
  });
  if (load?.trials) loads.set(id, load);
  else loads.delete(id);
}

/**
 * The job's trials that run or may begin now. Those that a pause or a back-off holds up leave their slots to other
 * jobs.
 */
async function readSlotUsage(ledger: Ledger, id: string, workers: readonly WorkerInfo[]): Promise<JobSlotUsage | null> {
  const found = await ledger.findJob(id);
  const route = found && chooseRuntime(found.job, found.spec, workers);
  if (!route) return null;
  const { job, now } = found;
  const open = await ledger.readTrials(id, job.open);
  const begins = job.state === 'running';
  return {
    route,
    trials: open.filter(
      ({ state, notBefore }) => state === 'running' || (begins && state === 'pending' && notBefore <= now),
    ).length,
  };
}
