import type { JobStatus, TrialResource } from '@gradsmith/contract';
import { compareByValue } from '@gradsmith/core/domain';
import { countExpectedExtras } from '@gradsmith/core/jobs';
import type { JobSpec } from '@gradsmith/core/spec';
import type { LiveWorker } from '../hosts/host.ts';

/** A job at one moment, as a view shows it. */
export interface Snapshot {
  status: JobStatus;
  spec: JobSpec;
  /** All trials: the search's by number, then the others in order of creation. */
  trials: readonly TrialResource[];
  /** Trials that settled since the last snapshot, in that order. */
  fresh: readonly TrialResource[];
  workers: readonly LiveWorker[];
  /** Settled trials of all roles, and the number that the job is expected to have. */
  done: number;
  total: number;
  /** Estimate of the service, ms; null if no trial has settled or nothing runs. */
  msLeft: number | null;
}

/**
 * Returns the number of trials that the job is expected to have: those that exist, the remaining budget, and what is
 * expected of reference, baselines and confirmations. Fewer if the search space is exhausted. It counts the trials
 * themselves, because the status was read at another moment.
 */
export function countExpectedTrials(spec: JobSpec, status: JobStatus, trials: readonly TrialResource[]): number {
  if (status.phase === 'finished') return trials.filter(isSettled).length;
  const search = trials.filter(({ role, state }) => role === 'search' && state !== 'cancelled');
  const open = search.filter((trial) => !isSettled(trial)).length;
  const remaining = status.stopped ? 0 : Math.max(0, status.budget - search.length);
  const ranked = rankPoints(search, status.direction);
  const candidates = ranked.length + open + remaining;
  const leaders = open > 0 ? [] : ranked;
  const extras = trials.filter(({ role }) => role !== 'search').map(({ id }) => id);
  return trials.length + remaining + countExpectedExtras(spec, { extras, candidates, leaders });
}

/** Lists the numbers of the complete and feasible ones of the search trials, best first. */
function rankPoints(search: readonly TrialResource[], direction: JobStatus['direction']): number[] {
  return search
    .filter(({ state, feasible }) => state === 'complete' && feasible !== false)
    .sort(compareByValue(direction))
    .map(({ number }) => number!);
}

export function isSettled({ settledAt }: TrialResource): boolean {
  return settledAt !== null;
}
