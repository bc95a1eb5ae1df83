import { createSpace, type Observation, type Space } from '@gradsmith/bayesopt';
import { canonicalJson } from '../domain/canonical-json.ts';
import { isBetter, type Direction } from '../domain/direction.ts';
import { Conflict } from '../domain/errors.ts';
import { rankTrials } from '../domain/rank-trials.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { getDirection, type JobSpec } from '../spec/job-spec.ts';
import { MAX_KNOWN, type KnownResult } from '../spec/known-results.ts';
import { listNeededMetrics } from '../spec/needed-metrics.ts';
import { buildSearchSpace } from '../spec/search-space.ts';
import { listObservations } from '../trials/list-observations.ts';

/** Best results that are kept of more than `MAX_KNOWN`: as many of them as the model takes of its own trials. */
const BEST_KNOWN = Math.floor((2 * MAX_KNOWN) / 3);
const DEFAULT_ENQUEUED = 5;

export interface WarmStart {
  known: KnownResult[];
  points: TrialRecord[];
  /** Results that were left out, because the space does not have their points. */
  skipped: number;
}

/**
 * Reads what a job starts from: results that it knows, as the optimizer of the source saw them, or points to try first.
 *
 * @param top use only so many of the best points; by default all results to observe, and 5 points to enqueue
 * @throws Conflict if results of another objective would be observed
 */
export async function readWarmStart(
  ledger: Ledger,
  fromId: string,
  spec: JobSpec,
  { mode, top }: { mode: 'observe' | 'enqueue'; top?: number | undefined },
): Promise<WarmStart> {
  const from = await ledger.readJob(fromId);
  if (mode === 'observe' && canonicalJson(from.spec.objective) !== canonicalJson(spec.objective)) {
    throw new Conflict(
      `job ${fromId} has another objective, so its values cannot be compared; use mode: enqueue to try ` +
        `its best points again`,
    );
  }
  const space = createJobSpace(spec);
  const trials = await ledger.readAllTrials(from.job);
  const ranked = rankTrials(trials, getDirection(from.spec));
  if (mode === 'enqueue') {
    const best = ranked.slice(0, top ?? DEFAULT_ENQUEUED);
    const points = best.filter(({ point }) => space.contains(point));
    return { known: [], points, skipped: best.length - points.length };
  }
  const best = top === undefined ? undefined : new Set(ranked.slice(0, top).map(({ number }) => number));
  const complete = trials.filter(({ state }) => state === 'complete');
  const metrics = new Map(complete.map(({ number, result }) => [number, result?.metrics]));
  const observed = listObservations({ ...from.spec, search: { ...from.spec.search, known: [] } }, trials, from.job.seq)
    .filter(({ status }) => status !== 'pending')
    .filter(({ number }) => !best || best.has(number));
  const fitting = observed.filter(({ point }) => space.contains(point));
  const known = fitting.map((one) => toKnownResult(spec, one, metrics.get(one.number)));
  return { known, points: [], skipped: observed.length - fitting.length };
}

/** Creates the space of the job's search. */
export function createJobSpace(spec: JobSpec): Space {
  const { space, constraints } = buildSearchSpace(spec);
  return createSpace(space, constraints);
}

/**
 * Returns what the optimizer knows of a trial. The estimated value of a pruned one counts as a bound where the job
 * needs metrics of every complete result.
 */
function toKnownResult(
  spec: JobSpec,
  { point, status, value }: Observation,
  metrics: Record<string, number> | undefined,
): KnownResult {
  if (status === 'failed' || status === 'pending' || value === undefined) return { point, outcome: 'failed' };
  if (status !== 'complete' || !listNeededMetrics(spec).length) return { point, outcome: status, value };
  return metrics ? { point, outcome: status, value, metrics } : { point, outcome: 'pruned', value };
}

/**
 * Returns at most `MAX_KNOWN` results in their order. Of more, it keeps the best ones and an even selection of the
 * others, so that a model knows the bad part of the space, too.
 */
export function selectKnownResults(results: readonly KnownResult[], direction: Direction): KnownResult[] {
  if (results.length <= MAX_KNOWN) return [...results];
  const ranked = results.map((result, index) => ({ result, index }));
  ranked.sort((a, b) => compareResults(a.result, b.result, direction) || a.index - b.index);
  const others = ranked.slice(BEST_KNOWN).sort((a, b) => a.index - b.index);
  const count = MAX_KNOWN - BEST_KNOWN;
  const spread = Array.from({ length: count }, (_, k) => others[Math.floor((k * others.length) / count)]!);
  return [...ranked.slice(0, BEST_KNOWN), ...spread].sort((a, b) => a.index - b.index).map(({ result }) => result);
}

/** Compares complete results by value, before all others. */
function compareResults(a: KnownResult, b: KnownResult, direction: Direction): number {
  const isComplete = (each: KnownResult): boolean => each.outcome === 'complete';
  if (!isComplete(a) || !isComplete(b)) return Number(isComplete(b)) - Number(isComplete(a));
  if (a.value === b.value) return 0;
  return isBetter(a.value!, b.value!, direction) ? -1 : 1;
}
