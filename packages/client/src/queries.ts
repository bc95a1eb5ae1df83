import type { TrialResource } from '@gradsmith/contract';
import type { JobFilter, JobSort } from '@gradsmith/core/jobs';
import type { TrialFilter, TrialSort } from '@gradsmith/core/trials';

export interface JobQuery {
  state?: JobFilter['state'];
  /** Part of the name. */
  name?: JobFilter['name'];
  /** The whole name. */
  fullName?: JobFilter['fullName'];
  /** Start of the id, with or without `job_`. */
  id?: string | undefined;
  /** `key` or `key:value`; all must hold. */
  label?: string | readonly string[] | undefined;
  sort?: JobSort | undefined;
}

export interface TrialQuery extends TrialFilter {
  sort?: TrialSort | undefined;
}

/** Which fields an answer has: names, or `field.part` for a part of a field that is an object or a list of them. */
export interface FieldChoice<F extends string> {
  fields: readonly F[];
  signal?: AbortSignal | undefined;
}

/** Options of calls that create something. The same key with the same request returns the first result. */
export interface CreateOptions {
  /** A random one by default. */
  key?: string;
  signal?: AbortSignal;
}

export type Point = TrialResource['point'];
/** The answer to an operation on a trial. */
export interface Answer<A extends string> {
  answer: A;
}

/** One page of a list. `next` is the cursor of the page after it; null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Answer to a call that creates something. `created` is false if the service had it already. */
export interface Created<T> {
  readonly resource: T;
  readonly created: boolean;
}

export interface PageRequest {
  /** Items per page at most, 1 to 1000. */
  limit: number;
  /** `next` of the page before. Omit for the first page. */
  cursor?: string | null;
}

/** Files of a job that the service writes. */
export type JobFile = 'export' | 'trials.csv' | 'trials.jsonl' | 'curves.csv';
