import type { JobStatus, TrialResource } from '@gradsmith/contract';
import type { JobSpec } from '@gradsmith/core/spec';
import type { LiveWorker } from '../hosts/host.ts';

/** A job at one moment, as a view shows it. */
export interface Snapshot {
  status: JobStatus;
  spec: JobSpec;
  /** All trials: the search's by number, then reference and confirmations. */
  trials: readonly TrialResource[];
  /** Those that settled since the look before, in the order they did. */
  fresh: readonly TrialResource[];
  workers: readonly LiveWorker[];
  /** Trials of any role that are settled, and all that the job will have as far as it is known now. */
  done: number;
  total: number;
  /** At the pace of late, ms; null where there is none yet, or nothing moves. */
  msLeft: number | null;
}

/** Trials that the job will have had when it ends: budget, reference and confirmations. */
export function totalTrials(spec: JobSpec, status: JobStatus, trials: readonly TrialResource[]): number {
  if (status.phase === 'finished') return trials.filter(isSettled).length;
  const { top, seeds } = spec.confirm;
  const extras = spec.objective.kind === 'training' ? 1 + seeds * (1 + Math.min(top, status.budget)) : 0;
  // A search space that is exhausted, or a failed trial, leaves fewer to confirm; more than was thought is possible
  // too.
  return Math.max(status.budget + (top > 0 ? extras : Math.min(1, extras)), trials.length);
}

const PACE_GAPS = 20;

/**
 * Milliseconds until `left` more trials have settled, at the pace of the last ones. The longest gap between two of them
 * is not counted: it may be an interruption.
 */
export function timeLeft(trials: readonly TrialResource[], left: number): number | null {
  const moments = trials
    .flatMap(({ settledAt }) => (settledAt === null ? [] : [Date.parse(settledAt)]))
    .sort((a, b) => a - b)
    .slice(-PACE_GAPS - 1);
  const gaps = moments
    .slice(1)
    .map((moment, i) => moment - moments[i]!)
    .sort((a, b) => a - b);
  if (gaps.length < 2) return null;
  const counted = gaps.slice(0, -1);
  return (left * counted.reduce((sum, gap) => sum + gap, 0)) / counted.length;
}

export function isSettled({ settledAt }: TrialResource): boolean {
  return settledAt !== null;
}
