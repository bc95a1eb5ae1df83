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

const settledStates: readonly TrialState[] = ['complete', 'pruned', 'diverged', 'failed', 'cancelled'];

/**
 * The search trials of a job that the page has read, by number. A settled trial does not change unless it is
 * invalidated, so each refresh starts at the first trial that is not settled.
 */
export class TrialStore {
  readonly rows: TrialRow[] = [];
  /** All numbers below it are settled. */
  #settledBelow = 0;
  #mismatches = 0;

  /**
   * Reads the trials that may have changed. Calls `onPage` after each page with trials.
   *
   * @param status the job's status, read before
   */
  async refresh(api: Gradsmith, status: JobStatus, signal: AbortSignal, onPage: () => void): Promise<void> {
    let cursor: string | null = String(this.#settledBelow);
    while (cursor !== null && !signal.aborted) {
      const page: Page<TrialResource> = await api.listTrialsPage(
        status.id,
        { role: 'search' },
        { limit: PAGE, cursor },
        signal,
      );
      for (const trial of page.items) if (trial.number !== null) this.rows[trial.number] = toRow(trial);
      cursor = page.items.length ? page.next : null;
      if (page.items.length) onPage();
    }
    while (isSettled(this.rows[this.#settledBelow]?.state)) this.#settledBelow += 1;
    this.#checkAgainst(status);
  }

  /**
   * Detects invalidated trials by the counts. The counts may also differ because the job has changed since the status
   * was read, so one mismatch is not enough.
   */
  #checkAgainst({ counts }: JobStatus): void {
    const held = new Map<TrialState, number>();
    for (const { state } of this.rows) held.set(state, (held.get(state) ?? 0) + 1);
    const differs = settledStates.some((state) => (held.get(state) ?? 0) !== counts[state]);
    this.#mismatches = differs ? this.#mismatches + 1 : 0;
    if (this.#mismatches >= 2) {
      this.#settledBelow = 0;
      this.#mismatches = 0;
    }
  }

  /** Returns whether another refresh is due although the job's status has not changed. */
  get needsRefresh(): boolean {
    return this.#mismatches > 0;
  }
}

function isSettled(state: TrialState | undefined): boolean {
  return state !== undefined && settledStates.includes(state);
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
