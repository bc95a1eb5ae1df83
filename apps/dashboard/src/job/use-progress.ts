import { useEffect, useState } from 'react';
import type { RunningTrial } from '../data/use-running-trials.ts';

/** A report of a running attempt, and when the page saw it. */
export interface Observation {
  readonly step: number;
  readonly at: number;
}

/** Reports from which the pace is measured: a recent window, because pace changes. */
const WINDOW = 8;
/** Time between the first and the last of them, ms: at least, and that makes a steady pace. */
const LEAST_MS = 8_000;
const STEADY_MS = 20_000;
/** Time after which the pace of the whole attempt is close to that of its steps, ms. */
const LONG_MS = 60_000;

/** Collects the start and the latest reports of the running attempts while the page is open, by attempt. */
export function useProgress(trials: readonly RunningTrial[]): ReadonlyMap<string, readonly Observation[]> {
  const [seen, setSeen] = useState<ReadonlyMap<string, readonly Observation[]>>(new Map());
  useEffect(() => setSeen((before) => addReports(before, trials, Date.now())), [trials]);
  return seen;
}

/** Returns the start and the reports with the latest of each running attempt. Those of other attempts are dropped. */
export function addReports(
  before: ReadonlyMap<string, readonly Observation[]>,
  trials: readonly RunningTrial[],
  now: number,
): ReadonlyMap<string, readonly Observation[]> {
  const after = new Map<string, readonly Observation[]>();
  for (const { attempts, progress } of trials) {
    const attempt = attempts.at(-1);
    if (!attempt) continue;
    const known = before.get(attempt.id) ?? [{ step: 0, at: Date.parse(attempt.startedAt) }];
    const [start, ...reports] = known as [Observation, ...Observation[]];
    const isNew = progress !== null && progress.step > known.at(-1)!.step;
    after.set(attempt.id, isNew ? [start, ...[...reports, { step: progress.step, at: now }].slice(-WINDOW)] : known);
  }
  return after;
}

/** Returns the time from `now` until the last step at the recent pace, ms; null while the pace is not known. */
export function estimateTimeLeft(seen: readonly Observation[], steps: number, now: number): number | null {
  const last = seen.at(-1);
  const first = last && findPaceStart(seen, last);
  if (!first) return null;
  const left = ((last.at - first.at) / (last.step - first.step)) * (steps - last.step);
  return Math.max(0, left - Math.max(0, now - last.at));
}

/** Returns the report that the pace is measured from. The page sees a report some time after it was made. */
function findPaceStart([start, ...reports]: readonly Observation[], last: Observation): Observation | undefined {
  const recent = reports.slice(-WINDOW)[0];
  if (!start || !recent) return undefined;
  if (last.at - recent.at >= STEADY_MS) return recent;
  // The start-up of a long attempt counts little.
  if (last.at - start.at >= LONG_MS) return start;
  return last.at - recent.at >= LEAST_MS ? recent : undefined;
}
