import type { Gradsmith, Page } from '@gradsmith/client';
import type { JobStatus, TrialResource } from '@gradsmith/contract';
import type { TrialState } from '@gradsmith/core/domain';

/** The data of a search trial that the page keeps. It is small, because there may be very many. */
export interface TrialRow {
  readonly number: number;
  readonly state: TrialState;
  readonly value: number | null;
  readonly point: TrialResource['point'];
  readonly source: TrialResource['source'];
  readonly attempts: number;
  readonly reason: string | null;
  /** Duration of the attempt that settled it, or of the running one so far, ms. */
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

/** Trials read at once. */
const PAGE = 1_000;

/**
 * The search trials of a job that the page has read, by number. The first refresh reads all, and each later one those
 * that have moved since.
 */
export class TrialStore {
  readonly rows: TrialRow[] = [];
  /** The change of the job up to which the rows are known; null before they were read. */
  #seq: number | null = null;

  /**
   * Reads the trials that may have changed. Calls `onPage` after each page with trials.
   *
   * @param status the job's status, read before
   */
  async refresh(api: Gradsmith, status: JobStatus, signal: AbortSignal, onPage: () => void): Promise<void> {
    // A job that was deleted and created again starts again.
    if (this.#seq === null || status.seq < this.#seq) await this.#readAll(api, status, signal, onPage);
    else await this.#readChanges(api, { job: status.id, after: this.#seq }, signal, onPage);
  }

  /** Returns whether the job has changed since the last refresh that was completed. */
  isBehind({ seq }: JobStatus): boolean {
    return this.#seq === null || seq > this.#seq;
  }

  async #readAll(api: Gradsmith, { id, seq }: JobStatus, signal: AbortSignal, onPage: () => void): Promise<void> {
    this.rows.length = 0;
    let cursor: string | null = '0';
    while (cursor !== null && !signal.aborted) {
      const page: Page<TrialResource> = await api.listTrialsPage(
        id,
        { role: 'search' },
        { limit: PAGE, cursor },
        signal,
      );
      this.#keep(page.items, onPage);
      cursor = page.items.length ? page.next : null;
    }
    if (!signal.aborted) this.#seq = seq;
  }

  async #readChanges(
    api: Gradsmith,
    { job, after }: { job: string; after: number },
    signal: AbortSignal,
    onPage: () => void,
  ): Promise<void> {
    for (let from = after; !signal.aborted;) {
      const { items, seq, next } = await api.changedTrials(job, { after: from, limit: PAGE }, signal);
      this.#keep(items, onPage);
      this.#seq = from = seq;
      if (next === null) return;
    }
  }

  #keep(trials: readonly TrialResource[], onPage: () => void): void {
    const found = trials.filter(({ role, number }) => role === 'search' && number !== null);
    for (const trial of found) this.rows[trial.number!] = toRow(trial);
    if (found.length) onPage();
  }
}

function toRow({ number, state, value, point, source, attempts, reason }: TrialResource): TrialRow {
  const last = attempts.at(-1);
  return {
    number: number!,
    state,
    value,
    point,
    source,
    reason,
    attempts: attempts.length,
    startedAt: last ? Date.parse(last.startedAt) : null,
    finishedAt: last?.finishedAt ? Date.parse(last.finishedAt) : null,
  };
}
