import { countSettled } from './budget.ts';
import type { JobRecord, Pause } from './job-record.ts';

/** Times of the latest settled trials that a job record keeps of search trials, and of others; pauses, too. At most. */
export const MAX_RECENT = 16;

/** Adds the time at which a trial settled. */
export function addSettledTime(times: readonly number[], at: number): number[] {
  return [...times, at].slice(-MAX_RECENT);
}

/** Adds the pause of a paused job that goes on or ends now. A pause in which trials still run costs nothing. */
export function addPause(job: JobRecord, now: number, isBusy: boolean): Pause[] {
  const before = job.pauses ?? [];
  const from = findIdleStart(job);
  return from === null || isBusy || from >= now ? before : [...before, [from, now] as Pause].slice(-MAX_RECENT);
}

/** Returns since when a paused job has done nothing: its trials may have settled during the pause. */
function findIdleStart(job: JobRecord): number | null {
  if (job.pausedAt === undefined) return null;
  return Math.max(job.pausedAt, ...listSettledTimes(job).slice(-1));
}

/** Lists when the latest trials of every role settled. */
function listSettledTimes({ settledTimes = [], extraTimes = [] }: JobRecord): number[] {
  return [...settledTimes, ...extraTimes].sort((a, b) => a - b).slice(-MAX_RECENT);
}

/** Trials that settled, and the working time in which they did, ms. */
export interface Pace {
  settled: number;
  workedMs: number;
}

/**
 * Returns the pace of a job: of its latest trials of every role while it runs, if there are enough of them, otherwise
 * of all since it started or was last extended. Once it has finished, only those of the search count. Pauses never do,
 * nor does the time between a finish and an extension.
 *
 * @returns null before the job has started
 */
export function measurePace(job: JobRecord, now: number): Pace | null {
  const { at, settled } = findPaceWindow(job);
  if (at === null) return null;
  const until = job.finishedAt ?? findIdleStart(job) ?? now;
  const paused = (job.pauses ?? []).reduce(
    (sum, [from, to]) => sum + Math.max(0, Math.min(to, until) - Math.max(from, at)),
    0,
  );
  return { settled, workedMs: Math.max(1, until - at - paused) };
}

function findPaceWindow(job: JobRecord): { at: number | null; settled: number } {
  const { resumed, startedAt, finishedAt, extraTimes = [] } = job;
  const since = resumed?.at ?? startedAt;
  const settled = countSettled(job) - (resumed?.settled ?? 0);
  if (finishedAt !== null || since === null) return { at: since, settled };
  const times = listSettledTimes(job);
  if (times.length === MAX_RECENT && times[0]! > since) return { at: times[0]!, settled: MAX_RECENT - 1 };
  return { at: since, settled: settled + extraTimes.filter((time) => time >= since).length };
}
