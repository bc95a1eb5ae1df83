import { LedgerUnavailable, NotFound } from '../domain/errors.ts';
import type { Suggester } from '../ports/suggester.ts';
import type { WorkerInfo } from '../ports/workers.ts';
import { advanceJob } from './advance-job.ts';
import { AheadSuggestions, type WaitForSuggestions } from './ahead-suggestions.ts';
import type { ChangedJobs } from './changed-jobs.ts';
import type { Knowledge, RunCoordinatorDeps } from './deps.ts';
import { DesignCache } from './design-cache.ts';
import { forgetJob } from './forget-job.ts';
import { listActiveJobs } from './list-active-jobs.ts';
import { OpenTrialReads } from './open-trial-reads.ts';
import { Outage } from './outage.ts';
import { SeenChanges } from './seen-changes.ts';
import { SentMessages } from './sent-messages.ts';
import { SlotUsage } from './slot-usage.ts';
import { TrialCache } from './trial-cache.ts';

/** Pause after a failed round, ms. */
const RETRY_MS = 500;
/** How long the live workers are not read again, ms: a worker is announced for seconds. */
const WORKERS_MS = 100;
/** Jobs advanced at once, without those that wait for a suggestion. */
const AT_ONCE = 16;

/**
 * The loop over the jobs and what it keeps from round to round. Jobs are advanced at the same time, each by one task: a
 * job that waits for a slow suggestion holds up no other.
 */
export class Coordinator implements Knowledge {
  readonly usage: SlotUsage;
  readonly cache = new TrialCache();
  readonly designs = new DesignCache();
  readonly ahead = new AheadSuggestions();
  readonly sent: SentMessages;
  readonly seen = new SeenChanges();
  readonly openReads: OpenTrialReads;
  workers: readonly WorkerInfo[] = [];

  readonly #deps: RunCoordinatorDeps;
  readonly #changed: ChangedJobs;
  readonly #signal: AbortSignal;
  readonly #outage: Outage;
  readonly #tasks = new Map<string, Promise<void>>();
  /** Jobs of the round that are still to be advanced. */
  readonly #due = new Set<string>();
  /** Jobs that changed while their task was running. */
  readonly #again = new Set<string>();
  /** Tasks that wait for a suggestion. */
  #waiting = 0;
  #mayExpireAt: number;
  /** When all jobs are looked at next, whether they changed or not. */
  #allAt: number;
  /** Until when the workers that were read may be used. */
  #workersUntil = -Infinity;
  #failure: { error: unknown } | null = null;

  constructor(deps: RunCoordinatorDeps, changed: ChangedJobs, signal: AbortSignal) {
    this.#deps = { ...deps, suggester: this.#timeSuggestions(deps.suggester) };
    this.#changed = changed;
    this.#signal = signal;
    // The lease on each job is renewed in this time, which is a write.
    this.#outage = new Outage({ ...deps, calmMs: deps.leaseMs, report: deps.onOutage });
    this.usage = new SlotUsage(deps.slotLimits);
    this.sent = new SentMessages(deps.clock);
    this.openReads = new OpenTrialReads(deps.clock, (jobId) => changed.add(jobId));
    this.#allAt = deps.clock.monotonic();
    this.#mayExpireAt = this.#allAt + deps.trialLeaseMs;
  }

  get mayExpire(): boolean {
    return !this.#failure && this.#deps.clock.monotonic() >= this.#mayExpireAt;
  }

  /** While a task waits for a suggestion, another one may run. */
  readonly waitFor: WaitForSuggestions = async (suggestions) => {
    this.#waiting += 1;
    this.#startTasks();
    try {
      return await suggestions;
    } finally {
      this.#waiting -= 1;
    }
  };

  async run(): Promise<void> {
    const { clock } = this.#deps;
    while (!this.#signal.aborted) {
      try {
        await this.#startRound();
        if (!this.#failure) await this.#changed.wait(this.#allAt - clock.monotonic(), clock, this.#signal);
        if (this.#failure) throw this.#failure.error;
      } catch (error) {
        this.#noteFailure(error);
        await clock.sleep(RETRY_MS, this.#signal);
      }
    }
    await Promise.all(this.#tasks.values());
  }

  /** Starts the tasks of the jobs that changed, or of all jobs when that is due. */
  async #startRound(): Promise<void> {
    const { clock, ledger, onRound } = this.#deps;
    await this.#readWorkers();
    if (clock.monotonic() >= this.#allAt) {
      const ids = await listActiveJobs(this.#deps);
      this.#allAt = clock.monotonic() + this.#deps.everyMs;
      await this.usage.readAll(ledger, ids, this.workers);
      this.#due.clear();
      for (const id of ids) this.#due.add(id);
      onRound?.(ids.length);
    }
    this.#outage.noteRead();
    this.#startTasks();
  }

  async #readWorkers(): Promise<void> {
    const { clock, workers } = this.#deps;
    const now = clock.monotonic();
    if (now < this.#workersUntil) return;
    this.workers = await workers.listLive();
    this.#workersUntil = now + WORKERS_MS;
  }

  /** Starts as many tasks as may run. A round over thousands of jobs takes seconds: those that changed come first. */
  #startTasks(): void {
    while (!this.#signal.aborted && !this.#failure && this.#tasks.size - this.#waiting < AT_ONCE) {
      const id = this.#changed.take() ?? this.#takeDue();
      if (id === undefined) return;
      this.#due.delete(id);
      if (this.#tasks.has(id)) this.#again.add(id);
      else this.#tasks.set(id, this.#runTask(id));
    }
  }

  #putFirst(jobIds: readonly string[]): void {
    if (!jobIds.length) return;
    const others = [...this.#due];
    this.#due.clear();
    for (const id of [...jobIds, ...others]) this.#due.add(id);
  }

  #takeDue(): string | undefined {
    for (const id of this.#due) {
      this.#due.delete(id);
      // A job that is being advanced is looked at anyway.
      if (!this.#tasks.has(id)) return id;
    }
    return undefined;
  }

  /** Advances a job. Never rejects: a failure of the ledger is left to the loop. */
  async #runTask(jobId: string): Promise<void> {
    try {
      await advanceJob(this.#deps, jobId, this);
    } catch (error) {
      if (error instanceof LedgerUnavailable) this.#failure ??= { error };
      // A job that was deleted, or one with a corrupt record, must not stop the others.
      else this.#noteJobFailure(jobId, error);
    }
    this.#tasks.delete(jobId);
    if (this.#again.delete(jobId)) this.#changed.add(jobId);
    // The job may have left slots that others wait for.
    this.#putFirst(this.usage.listServable(this.workers));
    if (this.#failure) this.#changed.wake();
    else this.#startTasks();
  }

  #noteJobFailure(jobId: string, error: unknown): void {
    forgetJob(this, jobId);
    if (this.#signal.aborted || error instanceof NotFound) return;
    this.#deps.log.error({ err: error, job: jobId }, 'job not advanced');
  }

  #noteFailure(error: unknown): void {
    const { clock, log, trialLeaseMs } = this.#deps;
    if (error instanceof LedgerUnavailable) this.#outage.noteFailure(error);
    else log.error({ err: error }, 'a round over the jobs failed; trying again');
    this.#failure = null;
    this.#mayExpireAt = clock.monotonic() + trialLeaseMs;
    this.#allAt = clock.monotonic();
  }

  /** Notes how long suggestions take. When the coordinator stops, nobody waits for them any longer. */
  #timeSuggestions(suggester: Suggester): Suggester {
    const { versions } = suggester;
    return {
      versions,
      close: async () => suggester.close(),
      createDesign: (input) => suggester.createDesign?.(input) ?? null,
      suggest: async (jobId, input, count) => {
        const settled = new AbortController();
        const { clock } = this.#deps;
        const startedAt = clock.monotonic();
        try {
          return await Promise.race([
            suggester.suggest(jobId, input, count),
            rejectOnAbort(this.#signal, settled.signal),
          ]);
        } finally {
          settled.abort('settled');
          this.ahead.noteTime(jobId, clock.monotonic() - startedAt);
        }
      },
    };
  }
}

/** Rejects when `signal` aborts, unless `settled` aborts first. */
async function rejectOnAbort(signal: AbortSignal, settled: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(new Error('the coordinator stops'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true, signal: settled });
  });
}
