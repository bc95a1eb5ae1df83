import type { JobRecord } from './job-record.ts';

/** Failed trials that are allowed at least by default, and at most while no trial has succeeded. */
const AT_LEAST = 10;
/** Share of the budget that may fail by default once a trial has succeeded. */
const SHARE = 2 / 3;

/**
 * Counts the failed search trials that a job allows. By default 10 while no trial has succeeded, because then the job
 * is probably wrong. After that two thirds of the budget: the search learns where trials fail, for example for lack of
 * memory, and continues elsewhere.
 *
 * @param maxFailures the limit of the job file, if it has one
 */
export function countAllowedFailures({ budget, counts }: JobRecord, maxFailures: number | undefined): number {
  if (maxFailures !== undefined) return maxFailures;
  const hasSucceeded = counts.complete + counts.pruned > 0;
  return hasSucceeded ? Math.max(AT_LEAST, Math.floor(SHARE * budget)) : AT_LEAST;
}
