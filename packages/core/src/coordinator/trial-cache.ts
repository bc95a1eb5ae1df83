import type { JobRecord } from '../domain/job-record.ts';
import { listTrialIds } from '../domain/list-trial-ids.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { isSettled } from '../domain/trial-states.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** Jobs whose trials are kept, at most: as many as a coordinator advances between two looks at one of them. */
const KEPT_JOBS = 200;
/** Settled trials that are kept: about 3 kB of memory each. */
const KEPT_TRIALS = 100_000;

/**
 * All trials of a job without reading the settled ones again: the ten-thousandth suggestion reads as much as the tenth.
 * A copy of what the ledger says, never an addition to it; forgotten whenever a settled trial was rewritten.
 */
export class TrialCache {
  readonly #jobs = new Map<string, { rewritten: number; createdAt: number; settled: Map<string, TrialRecord> }>();
  readonly #most: number;

  /** @param mostTrials settled trials of all jobs that are kept, unless one job alone has more */
  constructor(mostTrials = KEPT_TRIALS) {
    this.#most = mostTrials;
  }

  /** Forgets what was read of a job. */
  delete(jobId: string): void {
    this.#jobs.delete(jobId);
  }

  /**
   * As `ledger.readAllTrials(job)`: search trials by number, then the others in order of creation. `read` are trials
   * that were just read.
   */
  async readAllTrials(ledger: Ledger, job: JobRecord, read: readonly TrialRecord[] = []): Promise<TrialRecord[]> {
    const { settled } = this.#of(job);
    const open = new Map<string, TrialRecord>();
    const keep = (trial: TrialRecord): unknown => (isSettled(trial.state) ? settled : open).set(trial.id, trial);
    for (const trial of read) keep(trial);
    const ids = listTrialIds(job);
    const missing = ids.filter((id) => !settled.has(id) && !open.has(id));
    for (const trial of await ledger.readTrials(job.id, missing)) keep(trial);
    this.#forgetOldest();
    return ids.flatMap((id) => settled.get(id) ?? open.get(id) ?? []);
  }

  #of(job: JobRecord): { settled: Map<string, TrialRecord> } {
    const kept = this.#jobs.get(job.id);
    this.#jobs.delete(job.id);
    const { rewritten, createdAt } = job;
    const current =
      kept?.rewritten === rewritten && kept.createdAt === createdAt
        ? kept
        : { rewritten, createdAt, settled: new Map<string, TrialRecord>() };
    this.#jobs.set(job.id, current);
    return current;
  }

  /** Forgets the jobs that were read least recently until few enough are left. */
  #forgetOldest(): void {
    let trials = 0;
    for (const { settled } of this.#jobs.values()) trials += settled.size;
    for (const [id, { settled }] of this.#jobs) {
      if (this.#jobs.size === 1 || (this.#jobs.size <= KEPT_JOBS && trials <= this.#most)) return;
      this.#jobs.delete(id);
      trials -= settled.size;
    }
  }
}
