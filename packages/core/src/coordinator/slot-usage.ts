import { LedgerUnavailable } from '../domain/errors.ts';
import type { JobRecord } from '../domain/job-record.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { chooseRuntime, EXTERNAL } from '../jobs/choose-runtime.ts';
import type { JobView, Ledger } from '../ledger/ledger.ts';
import type { WorkerInfo } from '../ports/workers.ts';

/** Jobs read at once. */
const READ_AT_ONCE = 100;

interface JobUsage {
  runtime: string | null;
  /** Slots that the job's trials use. */
  trials: number;
  /** The job's sequence number when it was read. */
  seq: number;
}

/**
 * The slots that each active job uses, as last seen by this coordinator. A hint that keeps it from creating trials for
 * which there is no slot: only the ledger decides what may run.
 */
export class SlotUsage {
  readonly #jobs = new Map<string, JobUsage>();
  /** Slots that jobs reserved: jobs are advanced at the same time. */
  readonly #reserved = new Map<string, { runtime: string; slots: number }>();
  /** Runtimes of jobs that wanted more slots than were free, in the order in which they asked. */
  readonly #waiting = new Map<string, string>();

  /**
   * Notes the trials of a job that run or may start now. Trials held up by a pause or a back-off use no slot; if the
   * open trials were not read, all count.
   */
  set({ job, spec, now }: JobView, open: readonly TrialRecord[] | null, workers: readonly WorkerInfo[]): void {
    // Jobs are read at the same time as they are advanced: the later state counts, not the later call.
    if ((this.#jobs.get(job.id)?.seq ?? -1) > job.seq) return;
    const mayStart = job.state === 'running';
    const using = open?.filter(
      ({ state, notBefore }) => state === 'running' || (mayStart && state === 'pending' && notBefore <= now),
    );
    const trials = (using ?? job.open).length;
    this.#jobs.set(job.id, { runtime: chooseRuntime(job, spec, workers), trials, seq: job.seq });
  }

  /** Notes trials that were created since the job was noted at `seq`; a later state counts them already. */
  add({ id, seq }: JobRecord, trials: number): void {
    const job = this.#jobs.get(id);
    if (job?.seq === seq) job.trials += trials;
  }

  delete(jobId: string): void {
    this.#jobs.delete(jobId);
    this.#reserved.delete(jobId);
    this.#waiting.delete(jobId);
  }

  /** Reserves up to `wanted` free slots for the trials that a job creates next, until `release`. Returns how many. */
  reserve(
    { jobId, runtime, wanted }: { jobId: string; runtime: string; wanted: number },
    workers: readonly WorkerInfo[],
  ): number {
    if (runtime === EXTERNAL) return wanted;
    const slots = Math.max(0, Math.min(wanted, this.#countFree(runtime, workers)));
    this.#reserved.set(jobId, { runtime, slots });
    if (slots < wanted) this.#waiting.set(jobId, runtime);
    else this.#waiting.delete(jobId);
    return slots;
  }

  /** Returns the jobs that wait for a slot of a runtime that has a free one, and forgets that they wait. */
  takeServable(workers: readonly WorkerInfo[]): string[] {
    const runtimes = new Set(this.#waiting.values());
    const free = new Set([...runtimes].filter((runtime) => this.#countFree(runtime, workers) > 0));
    const servable = [...this.#waiting].filter(([, runtime]) => free.has(runtime)).map(([jobId]) => jobId);
    for (const jobId of servable) this.#waiting.delete(jobId);
    return servable;
  }

  release(jobId: string): void {
    this.#reserved.delete(jobId);
  }

  /** Reads the usage of these jobs and forgets all others. */
  async readAll(ledger: Ledger, jobIds: readonly string[], workers: readonly WorkerInfo[]): Promise<void> {
    const active = new Set(jobIds);
    for (const id of this.#jobs.keys()) if (!active.has(id)) this.delete(id);
    for (let i = 0; i < jobIds.length; i += READ_AT_ONCE) {
      await Promise.all(jobIds.slice(i, i + READ_AT_ONCE).map((id) => this.read(ledger, id, workers)));
    }
  }

  async read(ledger: Ledger, jobId: string, workers: readonly WorkerInfo[]): Promise<void> {
    try {
      const view = await ledger.findJob(jobId);
      if (view) this.set(view, await ledger.readTrials(jobId, view.job.open), workers);
      else this.delete(jobId);
    } catch (error) {
      if (error instanceof LedgerUnavailable) throw error;
      // A record that cannot be read is reported when the job is advanced.
      this.delete(jobId);
    }
  }

  /** Slots of live workers that no job uses or has reserved. */
  #countFree(runtime: string, workers: readonly WorkerInfo[]): number {
    const slots = sum(workers.filter((worker) => worker.runtime === runtime).map((worker) => worker.slots));
    const used = sum([...this.#jobs.values()].filter((job) => job.runtime === runtime).map((job) => job.trials));
    const reserved = sum([...this.#reserved.values()].filter((job) => job.runtime === runtime).map((job) => job.slots));
    return slots - used - reserved;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
