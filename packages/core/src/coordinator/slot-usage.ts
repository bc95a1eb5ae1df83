import { LedgerUnavailable } from '../domain/errors.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { chooseRuntime } from '../jobs/choose-runtime.ts';
import type { JobView, Ledger } from '../ledger/ledger.ts';
import type { WorkerInfo } from '../ports/workers.ts';
import { FreeSlots } from './free-slots.ts';

/** Jobs read at once. */
const READ_AT_ONCE = 100;

/**
 * The slots that each active job uses, as last seen by this coordinator. A hint that keeps it from creating trials for
 * which there is no slot: only the ledger decides what may run.
 */
export class SlotUsage {
  readonly #jobs = new Map<string, { runtime: string; trials: number }>();

  /** Notes the trials of a job that run or may start now. Trials held up by a pause or a back-off use no slot. */
  set({ job, spec, now }: JobView, open: readonly TrialRecord[], workers: readonly WorkerInfo[]): void {
    const runtime = chooseRuntime(job, spec, workers);
    const mayStart = job.state === 'running';
    const trials = open.filter(
      ({ state, notBefore }) => state === 'running' || (mayStart && state === 'pending' && notBefore <= now),
    ).length;
    if (runtime && trials) this.#jobs.set(job.id, { runtime, trials });
    else this.#jobs.delete(job.id);
  }

  delete(jobId: string): void {
    this.#jobs.delete(jobId);
  }

  /** Reads the usage of these jobs, in place of everything noted before. */
  async readAll(ledger: Ledger, jobIds: readonly string[], workers: readonly WorkerInfo[]): Promise<void> {
    this.#jobs.clear();
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

  /** Returns the slots of live workers that no job uses. */
  listFreeSlots(workers: readonly WorkerInfo[]): FreeSlots {
    return new FreeSlots(workers, [...this.#jobs.values()]);
  }
}
