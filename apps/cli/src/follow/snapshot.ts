import type { JobStatus, TrialResource } from '@gradsmith/contract';
import { getBaselineBudget, listBaselines, type JobSpec } from '@gradsmith/core/spec';
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

/** Returns the number of trials that the job is expected to have: budget, reference, baselines and confirmations. */
export function countExpectedTrials(spec: JobSpec, status: JobStatus, trials: readonly TrialResource[]): number {
  if (status.phase === 'finished') return trials.filter(isSettled).length;
  const { top, seeds } = spec.confirm;
  const { settled, counts, stopped } = status;
  const search = stopped ? settled + counts.pending + counts.running : status.budget;
  const baselines = listBaselines(spec).length;
  const confirmed = seeds * (1 + Math.min(top, search) + baselines);
  const extras = spec.objective.kind === 'training' ? 1 + baselines * getBaselineBudget(spec) + confirmed : 0;
  // An exhausted search space or a failed trial leaves fewer trials to confirm. The estimate can also be too low.
  return Math.max(search + (top > 0 ? extras : Math.min(1, extras)), trials.length);
}

export function isSettled({ settledAt }: TrialResource): boolean {
  return settledAt !== null;
}
