import type { Improvement, JobRecord } from './job-record.ts';

/** Improvements that a job record keeps, at most. */
export const MAX_IMPROVEMENTS = 32;
/** Times of the latest settled search trials that a job record keeps, at most. */
export const MAX_RECENT = 16;

/**
 * Adds a new best value. Beyond `MAX_IMPROVEMENTS`, the improvement that changes the picture least is left out, never
 * the first or the last.
 */
export function addImprovement(improvements: readonly Improvement[], improvement: Improvement): Improvement[] {
  const longer = [...improvements, improvement];
  if (longer.length <= MAX_IMPROVEMENTS) return longer;
  const gains = longer.slice(1, -1).map(([, value], i) => Math.abs(value - longer[i]![1]));
  longer.splice(1 + gains.indexOf(Math.min(...gains)), 1);
  return longer;
}

/** Keeps the time at which a search trial settled. */
export function addSettledTime(times: readonly number[], at: number): number[] {
  return [...times, at].slice(-MAX_RECENT);
}

/** Search trials that settled since a time; `at` is null before the job started. */
export interface PaceWindow {
  at: number | null;
  settled: number;
}

/**
 * Returns what the pace of a running job is measured by: the latest settled search trials if there are enough of them,
 * otherwise all since the job started or was last extended. The time between is nobody's pace.
 */
export function findPaceWindow(job: JobRecord, settled: number): PaceWindow {
  const since = job.resumed ?? { at: job.startedAt, settled: 0 };
  const [first] = job.settledTimes ?? [];
  const isFull = job.settledTimes?.length === MAX_RECENT && first! > (since.at ?? 0);
  if (job.finishedAt !== null || !isFull) return { at: since.at, settled: settled - since.settled };
  return { at: first!, settled: MAX_RECENT - 1 };
}
