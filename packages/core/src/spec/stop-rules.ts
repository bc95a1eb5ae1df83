import { countResults } from '../domain/budget.ts';
import { isBetter } from '../domain/direction.ts';
import { milliseconds } from '../domain/duration.ts';
import type { JobRecord, StopRule } from '../domain/job-record.ts';
import type { TrialSource } from '../domain/trial-record.ts';
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

/** Results in a row after which the model must expect too little, because the expectation varies with each fit. */
const CONVERGED_AFTER = 5;
/** Share of the noise that a trial must promise. With a larger one, searches stop in a local optimum more often. */
const NOISE_SHARE = 0.03;

/**
 * Counts whether the model expects too little improvement of the trial that it proposed. Several trials that were
 * proposed without a new result count once. Returns the new count, or undefined if the trial changes nothing.
 */
export function countConverged(job: JobRecord, { search }: JobSpec, { outlook }: TrialSource): JobRecord['converged'] {
  const threshold = search.stop?.improvement;
  const before = job.converged ?? { count: 0, results: -1 };
  const results = countResults(job);
  if (threshold === undefined || !outlook || results <= before.results) return undefined;
  const least = threshold === 'noise' ? NOISE_SHARE * outlook.noise : threshold;
  return { count: outlook.improvement < least ? before.count + 1 : 0, results };
}

/** Returns whether the model has expected too little improvement often enough. */
export function isConverged({ converged }: JobRecord): boolean {
  return converged !== undefined && converged.count >= CONVERGED_AFTER;
}

/** Returns whether the time of `search.stop` is over, counted from the start of the job or from its extension. */
export function isSearchTimeOver({ startedAt, resumed }: JobRecord, { search }: JobSpec, now: number): boolean {
  const since = resumed?.at ?? startedAt;
  return search.stop?.time !== undefined && since !== null && now - since >= milliseconds(search.stop.time);
}

/** Returns why the search was stopped, in a few words, such as `no better point in 10 results`. */
export function describeStop(rule: StopRule, { search }: JobSpec): string {
  const { target, patience, time, improvement } = search.stop ?? {};
  if (rule === 'improvement') {
    const least = improvement === 'noise' ? `${NOISE_SHARE} times the noise` : String(improvement);
    return `the model expects less improvement than ${least}`;
  }
  if (rule === 'target') return `the target ${target} was reached`;
  if (rule === 'patience') return `no better point in ${patience} ${patience === 1 ? 'result' : 'results'}`;
  return `${time} are over`;
}
