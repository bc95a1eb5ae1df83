import type { TrialResource } from '@gradsmith/contract';
import { useEffect, useState } from 'react';

/** A report of a running attempt, and when the page saw it. */
export interface Observation {
  readonly step: number;
  readonly at: number;
}

/** Reports that are kept of an attempt. */
const MOST = 200;
/** Reports from which the pace is measured: a recent window, because pace changes. */
const WINDOW = 8;

/** Collects the reports of the running attempts while the page is open, by attempt. */
export function useProgress(trials: readonly TrialResource[]): ReadonlyMap<string, readonly Observation[]> {
  const [seen, setSeen] = useState<ReadonlyMap<string, readonly Observation[]>>(new Map());
  useEffect(() => setSeen((before) => addReports(before, trials, Date.now())), [trials]);
  return seen;
}

/** Returns the reports with the latest of each running attempt. Those of other attempts are dropped. */
export function addReports(
  before: ReadonlyMap<string, readonly Observation[]>,
  trials: readonly TrialResource[],
  now: number,
): ReadonlyMap<string, readonly Observation[]> {
  const after = new Map<string, readonly Observation[]>();
  for (const { attempts, progress } of trials) {
    const attempt = attempts.at(-1);
    if (!attempt) continue;
    const known = before.get(attempt.id) ?? [{ step: 0, at: Date.parse(attempt.startedAt) }];
    const isNew = progress !== null && progress.step > known.at(-1)!.step;
    after.set(attempt.id, isNew ? [...known, { step: progress.step, at: now }].slice(-MOST) : known);
  }
  return after;
}

/** Returns the time until the last step at the recent pace, ms; null before the first report. */
export function estimateTimeLeft(seen: readonly Observation[], steps: number): number | null {
  const recent = seen.slice(-WINDOW);
  const [first, last] = [recent[0], recent.at(-1)];
  if (!first || !last || last.step <= first.step) return null;
  return ((last.at - first.at) / (last.step - first.step)) * Math.max(0, steps - last.step);
}
