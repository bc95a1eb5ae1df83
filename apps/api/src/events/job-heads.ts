import type { JobSummary } from '@gradsmith/contract';
import { toJobSummary } from '@gradsmith/contract';
import type { JobRecord } from '@gradsmith/core/domain';
import { summarizeJob } from '@gradsmith/core/jobs';
import type { Ledger } from '@gradsmith/core/ledger';

/** What events need of a job: its record and its summary, without its specification, which may be large. */
export interface JobHead {
  job: JobRecord;
  summary: JobSummary;
}

interface Reading {
  running: Promise<JobHead | null>;
  /** Starts after `running`, for those who asked while that one may have missed a change. */
  next: Promise<JobHead | null> | null;
}

/** Reads a job once for all event streams that ask for it at the same time. Keeps nothing afterwards. */
export class JobHeads {
  readonly #ledger: Ledger;
  readonly #readings = new Map<string, Reading>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Returns the job as it is at or after this call; null if it does not exist. */
  async read(id: string): Promise<JobHead | null> {
    const reading = this.#readings.get(id);
    if (!reading) return this.#start(id);
    reading.next ??= reading.running.then(
      async () => this.#start(id),
      async () => this.#start(id),
    );
    return reading.next;
  }

  async #start(id: string): Promise<JobHead | null> {
    const reading: Reading = { running: this.#readHead(id), next: null };
    this.#readings.set(id, reading);
    try {
      return await reading.running;
    } finally {
      if (this.#readings.get(id) === reading && !reading.next) this.#readings.delete(id);
    }
  }

  async #readHead(id: string): Promise<JobHead | null> {
    const view = await this.#ledger.findJob(id);
    return view && { job: view.job, summary: toJobSummary(summarizeJob(view)) };
  }
}
