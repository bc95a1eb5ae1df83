import { countResults } from '../domain/budget.ts';
import { isBetter } from '../domain/direction.ts';
import { milliseconds } from '../domain/duration.ts';
import type { JobRecord, StopRule } from '../domain/job-record.ts';
import { getDirection, type JobSpec } from './job-spec.ts';

/**
 * Returns the rule by which the result of a search trial stops the search, or null. It follows from the record alone,
 * so every process decides the same.
 *
 * @param isNewBest whether the trial is the best so far. Only a new best can reach the target, so that a job that was
 *   extended after it goes on
 */
export function findStopRule(job: JobRecord, spec: JobSpec, isNewBest: boolean): StopRule | null {
  const { target, patience } = spec.search.stop ?? {};
  if (isNewBest && target !== undefined && !isBetter(target, job.best!.value, getDirection(spec))) return 'target';
  const hasPatience = patience === undefined || countResults(job) - (job.patienceFrom ?? 0) < patience;
  return hasPatience ? null : 'patience';
}

/** Returns whether the time of `search.stop` is over, counted from the start of the job or from its extension. */
export function isSearchTimeOver({ startedAt, resumed }: JobRecord, { search }: JobSpec, now: number): boolean {
  const since = resumed?.at ?? startedAt;
  return search.stop?.time !== undefined && since !== null && now - since >= milliseconds(search.stop.time);
}

/** Returns why the search was stopped, in a few words, such as `no better point in 10 results`. */
export function describeStop(rule: StopRule, { search }: JobSpec): string {
  const { target, patience, time } = search.stop ?? {};
  if (rule === 'target') return `the target ${target} was reached`;
  if (rule === 'patience') return `no better point in ${patience} ${patience === 1 ? 'result' : 'results'}`;
  return `${time} are over`;
}
