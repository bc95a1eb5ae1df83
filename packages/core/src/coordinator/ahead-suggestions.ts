import type { Suggestion } from '@gradsmith/bayesopt';
import { countSettled } from '../domain/budget.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { makeDesignKey, type DesignState } from './design-cache.ts';

/** A suggestion, and what the optimizer had seen. */
export interface SeenSuggestion {
  suggestion: Suggestion;
  /** Sequence number of the last change. */
  seenSeq: number;
  /** Search trials that were settled. */
  settled: number;
}

/** Waits for suggestions without which a job cannot be advanced. Other jobs are advanced until they are there. */
export type WaitForSuggestions = <T>(suggestions: Promise<T>) => Promise<T>;

/** Suggestions for the next trials of a job. */
interface Batch {
  /** The job at the time when the first of them is for its next trial. */
  key: string;
  suggestions: Promise<readonly SeenSuggestion[]>;
}

/** Jobs whose suggestions and times are kept, at most. */
const KEPT_JOBS = 200;
/** A suggestion is computed ahead if it takes longer than this share of a trial. */
const WORTHWHILE_SHARE = 0.02;
/** Search trials from which the time of a trial is estimated. */
const TIMED_TRIALS = 16;

/**
 * Returns how many results a suggestion that is computed ahead may lack besides those of its parallel trials: a quarter
 * of these. 0: nothing is computed ahead, because with few parallel trials the latest result matters most.
 */
export function limitStaleness(maxParallelism: number): number {
  return Math.floor(maxParallelism / 4);
}

/**
 * Suggestions that are computed while trials run, so that a slot that becomes free need not wait for the model. A hint:
 * every trial records what its suggestion had seen, so it is replayed like any other. A batch is dropped as soon as the
 * trials before it are not those that it was computed for, or if it lacks too many results.
 */
export class AheadSuggestions {
  readonly #batches = new Map<string, Batch>();
  readonly #computing = new Set<string>();
  /** Time of the last suggestions of each job, ms. */
  readonly #times = new Map<string, number>();

  noteTime(jobId: string, ms: number): void {
    this.#times.delete(jobId);
    this.#times.set(jobId, ms);
    if (this.#times.size > KEPT_JOBS) this.#times.delete(this.#times.keys().next().value!);
  }

  /** Returns whether a slot would wait for a suggestion for a noticeable part of the job's usual trial. */
  isWorthwhile(jobId: string, trials: readonly TrialRecord[]): boolean {
    const ms = this.#times.get(jobId);
    const durations = trials
      .flatMap(({ role, settledAt, attempts }) =>
        role === 'search' && settledAt !== null && attempts.length ? [settledAt - attempts.at(-1)!.startedAt] : [],
      )
      .slice(-TIMED_TRIALS);
    if (ms === undefined || !durations.length) return false;
    return ms > (WORTHWHILE_SHARE * durations.reduce((sum, duration) => sum + duration, 0)) / durations.length;
  }

  /** Returns whether suggestions of the job are being computed ahead. */
  isComputing(jobId: string): boolean {
    return this.#computing.has(jobId);
  }

  /** Keeps the suggestions that `compute` returns for the next trials of this state of the job. It must not reject. */
  start(state: DesignState, compute: () => Promise<readonly SeenSuggestion[]>): void {
    const { id } = state.job;
    this.#computing.add(id);
    const suggestions = compute().finally(() => this.#computing.delete(id));
    this.#keep(id, { key: makeDesignKey(state, 0), suggestions });
  }

  /**
   * Removes and returns the suggestions for the next trials of the job; none if they are too old. Waits by `waitFor`
   * for those that are still being computed.
   */
  async take(state: DesignState, staleness: number, waitFor: WaitForSuggestions): Promise<SeenSuggestion[]> {
    const { job } = state;
    const batch = this.#batches.get(job.id);
    this.#batches.delete(job.id);
    if (batch?.key !== makeDesignKey(state, 0)) return [];
    const suggestions = await (this.isComputing(job.id) ? waitFor(batch.suggestions) : batch.suggestions);
    return suggestions.filter(({ settled }) => countSettled(job) - settled <= staleness);
  }

  /** Keeps what is left of suggestions after `created` trials with the first of them. */
  putBack(state: DesignState, created: number, suggestions: readonly SeenSuggestion[]): void {
    if (!suggestions.length) return;
    this.#keep(state.job.id, { key: makeDesignKey(state, created), suggestions: Promise.resolve(suggestions) });
  }

  delete(jobId: string): void {
    this.#batches.delete(jobId);
    this.#times.delete(jobId);
  }

  #keep(jobId: string, batch: Batch): void {
    this.#batches.delete(jobId);
    this.#batches.set(jobId, batch);
    if (this.#batches.size > KEPT_JOBS) this.#batches.delete(this.#batches.keys().next().value!);
  }
}
