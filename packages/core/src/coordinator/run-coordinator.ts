import { LedgerUnavailable, NotFound } from '../domain/errors.ts';
import { releaseJobLease } from '../jobs/job-lease.ts';
import { advanceJob } from './advance-job.ts';
import { ChangedJobs } from './changed-jobs.ts';
import type { AdvanceResult, Round, RunCoordinatorDeps } from './deps.ts';
import { SlotUsage } from './slot-usage.ts';
import { TrialCache } from './trial-cache.ts';

/** Pause after a failed round, ms. */
const RETRY_MS = 500;

/** Leads the active jobs, or one of them, until the signal aborts; then releases its leases. */
export async function runCoordinator(deps: RunCoordinatorDeps, signal: AbortSignal): Promise<void> {
  const changed = new ChangedJobs();
  const unsubscribe = deps.signals.subscribe((jobId) => {
    if (deps.only === undefined || jobId === deps.only) changed.add(jobId);
  });
  await new Coordinator(deps, changed).run(signal);
  unsubscribe();
  await releaseLeases(deps);
}

/** The loop over the jobs and what it keeps from round to round. */
class Coordinator {
  readonly #deps: RunCoordinatorDeps;
  readonly #changed: ChangedJobs;
  readonly #usage = new SlotUsage();
  readonly #cache = new TrialCache();
  #mayExpireAt: number;
  /** When all jobs are looked at next, whether they changed or not. */
  #allAt: number;
  #outageSince: number | null = null;

  constructor(deps: RunCoordinatorDeps, changed: ChangedJobs) {
    this.#deps = deps;
    this.#changed = changed;
    this.#allAt = deps.clock.monotonic();
    this.#mayExpireAt = this.#allAt + deps.trialLeaseMs;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    while (!signal.aborted) {
      try {
        await this.#advanceJobs(signal);
        await this.#changed.wait(Math.max(0, this.#allAt - clock.monotonic()), clock, signal);
      } catch (error) {
        this.#noteFailure(error);
        await clock.sleep(RETRY_MS, signal);
      }
    }
  }

  async #advanceJobs(signal: AbortSignal): Promise<void> {
    const { clock, log, onRound } = this.#deps;
    const all = clock.monotonic() >= this.#allAt;
    const ids = all ? await listActiveJobs(this.#deps) : this.#changed.take();
    if (all) this.#allAt = clock.monotonic() + this.#deps.everyMs;
    const workers = await this.#deps.workers.listLive();
    if (all) await this.#usage.readAll(this.#deps.ledger, ids, workers);
    const mayExpire = clock.monotonic() >= this.#mayExpireAt;
    const round: Round = { workers, usage: this.#usage, cache: this.#cache, mayExpire };
    const results = new Map<string, AdvanceResult>();
    for (const id of ids) {
      // A round over hundreds of jobs takes a second: those that change during it come first.
      for (const next of [...this.#changed.take(), id]) {
        if (signal.aborted) return;
        const result = await this.#advanceOne(next, round);
        if (result) results.set(next, result);
      }
    }
    if (this.#outageSince !== null) log.info({ ms: clock.monotonic() - this.#outageSince }, 'the ledger answers again');
    this.#outageSince = null;
    onRound?.(results);
  }

  async #advanceOne(jobId: string, round: Round): Promise<AdvanceResult | undefined> {
    try {
      return await advanceJob(this.#deps, jobId, round);
    } catch (error) {
      if (error instanceof LedgerUnavailable) throw error;
      // A job that was deleted, or one with a corrupt record, must not stop the others.
      this.#usage.delete(jobId);
      if (!(error instanceof NotFound)) this.#deps.log.error({ err: error, job: jobId }, 'job not advanced');
      return undefined;
    }
  }

  #noteFailure(error: unknown): void {
    const { clock, log, trialLeaseMs } = this.#deps;
    if (!(error instanceof LedgerUnavailable)) log.error({ err: error }, 'a round over the jobs failed; trying again');
    else if (this.#outageSince === null) log.error({ err: error }, 'the ledger does not answer; trying until it does');
    this.#outageSince ??= clock.monotonic();
    this.#mayExpireAt = clock.monotonic() + trialLeaseMs;
    this.#allAt = clock.monotonic();
  }
}

/** Lists active jobs, oldest first, so that a new job does not starve those before it. */
async function listActiveJobs({ ledger, only }: RunCoordinatorDeps): Promise<string[]> {
  if (only !== undefined) return [only];
  const ids: string[] = [];
  for await (const id of ledger.listJobs({ active: true })) ids.push(id);
  return ids.reverse();
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
