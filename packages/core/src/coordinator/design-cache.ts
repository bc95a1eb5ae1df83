import type { PointDesign } from '@gradsmith/bayesopt';
import type { JobRecord } from '../domain/job-record.ts';

/** Jobs whose designs are kept, at most. */
const KEPT_JOBS = 200;

/** A job at the time when its design has exactly the points of its search trials. */
export interface DesignState {
  job: JobRecord;
  fence: number;
}

interface KeptDesign {
  key: string;
  design: PointDesign;
}

/**
 * The designs of jobs from round to round, so that a suggestion reads no history. While a coordinator holds the fence,
 * nobody else creates trials of the job: a design is current as long as the trials that this coordinator created are
 * the only new ones, and no settled trial was rewritten.
 */
export class DesignCache {
  readonly #jobs = new Map<string, KeptDesign>();

  /** Forgets the design of a job. */
  delete(jobId: string): void {
    this.#jobs.delete(jobId);
  }

  /** Removes and returns the design of the job; null if there is none for this state of the job. */
  take(state: DesignState): PointDesign | null {
    const kept = this.#jobs.get(state.job.id);
    this.#jobs.delete(state.job.id);
    return kept?.key === makeDesignKey(state, 0) ? kept.design : null;
  }

  /** Keeps the design, to which the points of `created` search trials were added since that state of the job. */
  keep(state: DesignState, design: PointDesign, created: number): void {
    this.#jobs.set(state.job.id, { key: makeDesignKey(state, created), design });
    if (this.#jobs.size > KEPT_JOBS) this.#jobs.delete(this.#jobs.keys().next().value!);
  }
}

/** Returns a text that differs if anything but the creation of `created` search trials happened to the search. */
export function makeDesignKey({ job, fence }: DesignState, created: number): string {
  return JSON.stringify([job.createdAt, fence, job.rewritten, job.nextNumber + created]);
}
