import { LedgerUnavailable, NotFound } from '../domain/errors.ts';
import { releaseJobLease } from '../jobs/job-lease.ts';
import { advanceJob } from './advance-job.ts';
import { ChangedJobs } from './changed-jobs.ts';
import type { Round, AdvanceResult, RunCoordinatorDeps } from './deps.ts';
import { FreeSlots } from './free-slots.ts';
import { type SlotUsage, updateSlotUsage } from './slot-usage.ts';
import { TrialCache } from './trial-cache.ts';

/** Owns the active jobs, or one of them, until the signal aborts; then gives its leases back. */
export async function runCoordinator(deps: RunCoordinatorDeps, signal: AbortSignal): Promise<void> {
  const { clock, log } = deps;
  const alarm = new ChangedJobs();
  const unsubscribe = deps.signals.subscribe((jobId) => {
    if (deps.only === undefined || jobId === deps.only) alarm.add(jobId);
  });
  const loads: SlotUsage = new Map();
  const memory = new TrialCache();
  let mayExpireAt = clock.monotonic() + deps.trialLeaseMs;
  let allAt = clock.monotonic();
  let outageSince: number | null = null;
  while (!signal.aborted) {
    const all = clock.monotonic() >= allAt;
    try {
      const ids = all ? await listActiveJobs(deps) : alarm.take();
      if (all) {
        loads.clear();
        allAt = clock.monotonic() + deps.everyMs;
      }
      const advances = await advanceJobs(
        deps,
        ids,
        { loads, alarm, mayExpire: clock.monotonic() >= mayExpireAt, memory },
        signal,
      );
      if (outageSince !== null) log.info({ ms: clock.monotonic() - outageSince }, 'the ledger answers again');
      outageSince = null;
      deps.onRound?.(advances);
    } catch (error) {
      if (!(error instanceof LedgerUnavailable))
        log.error({ err: error }, 'a round over the jobs failed; trying again');
      else if (outageSince === null)
        log.error({ err: error }, 'the ledger does not answer; trying again until it does');
      outageSince ??= clock.monotonic();
      mayExpireAt = clock.monotonic() + deps.trialLeaseMs;
      allAt = clock.monotonic();
      await clock.sleep(RETRY_MS, signal);
      continue;
    }
    await alarm.wait(Math.max(0, allAt - clock.monotonic()), clock, signal);
  }
  unsubscribe();
  await releaseLeases(deps);
}

/** Pause after a failed round, ms. */
const RETRY_MS = 500;

/** Jobs read at once. */
const AT_ONCE = 100;

interface Kept extends Pick<Round, 'mayExpire' | 'memory'> {
  loads: SlotUsage;
  alarm: ChangedJobs;
}

/**
 * Brings these jobs forward, and before each of them those that have changed meanwhile: a round over hundreds takes a
 * second.
 */
async function advanceJobs(
  deps: RunCoordinatorDeps,
  ids: readonly string[],
  { loads, alarm, ...kept }: Kept,
  signal: AbortSignal,
): Promise<Map<string, AdvanceResult>> {
  const workers = await deps.workers.listLive();
  for (let i = 0; i < ids.length; i += AT_ONCE)
    await Promise.all(ids.slice(i, i + AT_ONCE).map((id) => updateSlotUsage(deps, id, workers, loads)));
  const advances = new Map<string, AdvanceResult>();
  const one = async (id: string): Promise<void> => {
    if (signal.aborted) return;
    try {
      advances.set(
        id,
        await advanceJob(deps, id, { workers, slots: new FreeSlots(workers, [...loads.values()]), ...kept }),
      );
      await updateSlotUsage(deps, id, workers, loads);
    } catch (error) {
      if (error instanceof LedgerUnavailable) throw error;
      // Deleted since it was listed, or one job's corrupt record: neither must stop the others.
      if (!(error instanceof NotFound)) deps.log.error({ err: error, job: id }, 'this job could not be advanced');
    }
  };
  for (const id of ids) {
    for (const changed of alarm.take()) {
      await updateSlotUsage(deps, changed, workers, loads);
      await one(changed);
    }
    await one(id);
  }
  return advances;
}

/** The ids of active jobs, oldest first, so that a new job does not starve those before it. */
async function listActiveJobs({ ledger, only }: RunCoordinatorDeps): Promise<string[]> {
  if (only !== undefined) return [only];
  const ids: string[] = [];
  for await (const id of ledger.listJobs({ active: true })) ids.push(id);
  return ids.reverse();
}

async function releaseLeases(deps: RunCoordinatorDeps): Promise<void> {
  try {
    for (const id of await listActiveJobs(deps)) {
      const found = await deps.ledger.findJob(id);
      if (found?.lease?.owner === deps.owner)
        await releaseJobLease(deps.ledger, { jobId: id, fence: found.lease.fence });
    }
  } catch (error) {
    deps.log.warn({ err: error }, 'leases not given back; another coordinator takes over when they run out');
  }
}
