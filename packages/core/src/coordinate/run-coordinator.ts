import { LedgerUnavailable, NotFound } from '../errors.ts';
import { surrender } from '../ledger/issuing.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../ports/clock.ts';
import type { Signals } from '../ports/signals.ts';
import type { WorkerInfo, WorkerRegistry } from '../ports/workers.ts';
import { advance, type Advance, type CoordinatorDeps, type Round } from './advance.ts';
import { routeFor, Slots } from './route.ts';
import { TrialMemory } from './trial-memory.ts';

export interface RunCoordinatorDeps extends CoordinatorDeps {
  workers: WorkerRegistry;
  signals: Signals;
  /** The one job to lead; every active one unless told. Others are left to other coordinators. */
  only?: string | undefined;
  /** How often every job is looked at even if no signal comes, ms. */
  everyMs: number;
  /** The executors' lease, ms: nothing expires for this long after a start or an outage. */
  trialLeaseMs: number;
  /** Called after each round that reached the ledger; for health checks and progress displays. */
  onRound?(jobs: ReadonlyMap<string, Advance>): void;
}

/** Owns the active jobs, or one of them, until the signal aborts; then gives its leases back. */
export async function runCoordinator(deps: RunCoordinatorDeps, signal: AbortSignal): Promise<void> {
  const { clock, log } = deps;
  const alarm = new Alarm();
  const unsubscribe = deps.signals.subscribe((jobId) => {
    if (deps.only === undefined || jobId === deps.only) alarm.ring(jobId);
  });
  const loads: Loads = new Map();
  const memory = new TrialMemory();
  let mayExpireAt = clock.monotonic() + deps.trialLeaseMs;
  let allAt = clock.monotonic();
  let outageSince: number | null = null;
  while (!signal.aborted) {
    const all = clock.monotonic() >= allAt;
    try {
      const ids = all ? await activeJobs(deps) : alarm.take();
      if (all) {
        loads.clear();
        allAt = clock.monotonic() + deps.everyMs;
      }
      const advances = await advanceEach(
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
  await giveBack(deps);
}

/** Pause after a failed round, ms. */
const RETRY_MS = 500;

/** Jobs read at once. */
const AT_ONCE = 100;

/** What each active job takes of its runtime's slots, as last seen. A hint: the ledger alone decides what may run. */
type Loads = Map<string, Load>;

interface Load {
  route: string;
  trials: number;
}

interface Kept extends Pick<Round, 'mayExpire' | 'memory'> {
  loads: Loads;
  alarm: Alarm;
}

/**
 * Brings these jobs forward, and before each of them those that have changed meanwhile: a round over hundreds takes a
 * second.
 */
async function advanceEach(
  deps: RunCoordinatorDeps,
  ids: readonly string[],
  { loads, alarm, ...kept }: Kept,
  signal: AbortSignal,
): Promise<Map<string, Advance>> {
  const workers = await deps.workers.live();
  for (let i = 0; i < ids.length; i += AT_ONCE)
    await Promise.all(ids.slice(i, i + AT_ONCE).map((id) => weigh(deps, id, workers, loads)));
  const advances = new Map<string, Advance>();
  const one = async (id: string): Promise<void> => {
    if (signal.aborted) return;
    try {
      advances.set(id, await advance(deps, id, { workers, slots: new Slots(workers, [...loads.values()]), ...kept }));
      await weigh(deps, id, workers, loads);
    } catch (error) {
      if (error instanceof LedgerUnavailable) throw error;
      // Deleted since it was listed, or one job's corrupt record: neither must stop the others.
      if (!(error instanceof NotFound)) deps.log.error({ err: error, job: id }, 'this job could not be advanced');
    }
  };
  for (const id of ids) {
    for (const changed of alarm.take()) {
      await weigh(deps, changed, workers, loads);
      await one(changed);
    }
    await one(id);
  }
  return advances;
}

async function weigh(
  deps: RunCoordinatorDeps,
  id: string,
  workers: readonly WorkerInfo[],
  loads: Loads,
): Promise<void> {
  const load = await loadOf(deps.ledger, id, workers).catch((error: unknown) => {
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
async function loadOf(ledger: Ledger, id: string, workers: readonly WorkerInfo[]): Promise<Load | null> {
  const found = await ledger.findJob(id);
  const route = found && routeFor(found.job, found.spec, workers);
  if (!route) return null;
  const { job, now } = found;
  const open = await ledger.trials(id, job.open);
  const begins = job.state === 'running';
  return {
    route,
    trials: open.filter(
      ({ state, notBefore }) => state === 'running' || (begins && state === 'pending' && notBefore <= now),
    ).length,
  };
}

const PAGE = 500;

async function activeJobs({ ledger, only }: RunCoordinatorDeps): Promise<string[]> {
  if (only !== undefined) return [only];
  const ids: string[] = [];
  for (;;) {
    const after = ids.at(-1);
    const page = await ledger.store.list({ active: true, limit: PAGE, ...(after ? { after } : {}) });
    ids.push(...page);
    // Oldest first, so that a new job does not starve those before it.
    if (page.length < PAGE) return ids.reverse();
  }
}

async function giveBack(deps: RunCoordinatorDeps): Promise<void> {
  try {
    for (const id of await activeJobs(deps)) {
      const found = await deps.ledger.findJob(id);
      if (found?.lease?.owner === deps.owner) await surrender(deps.ledger, { jobId: id, fence: found.lease.fence });
    }
  } catch (error) {
    deps.log.warn({ err: error }, 'leases not given back; another coordinator takes over when they run out');
  }
}

/** Collects the jobs that have changed; remembers what came while nobody waited. */
class Alarm {
  #rung = new Set<string>();
  #wake: AbortController | null = null;

  ring(jobId: string): void {
    this.#rung.add(jobId);
    this.#wake?.abort();
  }

  take(): string[] {
    const rung = [...this.#rung];
    this.#rung.clear();
    return rung;
  }

  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController();
    if (!this.#rung.size) await clock.sleep(ms, AbortSignal.any([signal, this.#wake.signal]));
    this.#wake = null;
  }
}
