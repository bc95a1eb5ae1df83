import { LedgerUnavailable } from '../errors.ts';
import { surrender } from '../ledger/issuing.ts';
import type { Clock } from '../ports/clock.ts';
import type { Signals } from '../ports/signals.ts';
import type { WorkerRegistry } from '../ports/workers.ts';
import { advance, type Advance, type CoordinatorDeps, type Round } from './advance.ts';
import { routeFor, Slots } from './route.ts';

export interface RunCoordinatorDeps extends CoordinatorDeps {
  workers: WorkerRegistry;
  signals: Signals;
  clock: Clock;
  /** How often every job is looked at even if no signal comes, ms. */
  everyMs: number;
  /** The executors' lease, ms: nothing expires for this long after a start or an outage. */
  trialLeaseMs: number;
  /** Called after each round that reached the ledger; for health checks and progress displays. */
  onRound?(jobs: ReadonlyMap<string, Advance>): void;
}

/** Owns the active jobs until the signal aborts; then gives its leases back. */
export async function runCoordinator(deps: RunCoordinatorDeps, signal: AbortSignal): Promise<void> {
  const { clock, log } = deps;
  const alarm = new Alarm();
  const unsubscribe = deps.signals.subscribe(() => alarm.ring());
  let mayExpireAt = clock.monotonic() + deps.trialLeaseMs;
  let outageSince: number | null = null;
  while (!signal.aborted) {
    try {
      const advances = await advanceAll(deps, clock.monotonic() >= mayExpireAt, signal);
      if (outageSince !== null) log.info({ ms: clock.monotonic() - outageSince }, 'the ledger answers again');
      outageSince = null;
      deps.onRound?.(advances);
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) log.error({ err: error }, 'a round over the jobs failed; trying again');
      else if (outageSince === null) log.error({ err: error }, 'the ledger does not answer; trying again until it does');
      outageSince ??= clock.monotonic();
      mayExpireAt = clock.monotonic() + deps.trialLeaseMs;
    }
    await alarm.wait(deps.everyMs, clock, signal);
  }
  unsubscribe();
  await giveBack(deps);
}

async function advanceAll(deps: RunCoordinatorDeps, mayExpire: boolean, signal: AbortSignal): Promise<Map<string, Advance>> {
  const ids = await activeJobs(deps);
  const round = await lookAround(deps, ids, mayExpire);
  const advances = new Map<string, Advance>();
  for (const id of ids) {
    if (signal.aborted) break;
    try {
      advances.set(id, await advance(deps, id, round));
    } catch (error) {
      if (error instanceof LedgerUnavailable) throw error;
      // One job's corrupt record must not stop the others.
      deps.log.error({ err: error, job: id }, 'this job could not be advanced');
    }
  }
  return advances;
}

const PAGE = 500;

async function activeJobs({ ledger }: RunCoordinatorDeps): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const after = ids.at(-1);
    const page = await ledger.store.list({ active: true, limit: PAGE, ...(after ? { after } : {}) });
    ids.push(...page);
    // Oldest first, so that a new job does not starve those before it.
    if (page.length < PAGE) return ids.reverse();
  }
}

async function lookAround(deps: RunCoordinatorDeps, ids: readonly string[], mayExpire: boolean): Promise<Round> {
  const workers = await deps.workers.live();
  const open: { route: string; trials: number }[] = [];
  for (const id of ids) {
    const found = await deps.ledger.findJob(id);
    const route = found && routeFor(found.job, found.spec, workers);
    if (route) open.push({ route, trials: found.job.open.length });
  }
  return { workers, slots: new Slots(workers, open), mayExpire };
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

/** Remembers a ring that came while nobody waited. */
class Alarm {
  #rung = false;
  #wake: AbortController | null = null;

  ring(): void {
    this.#rung = true;
    this.#wake?.abort();
  }

  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController();
    if (!this.#rung) await clock.sleep(ms, AbortSignal.any([signal, this.#wake.signal]));
    this.#wake = null;
    this.#rung = false;
  }
}
