import type { BaselineName } from './baselines.ts';
import { makeConfirmTrialId, type Candidate } from './confirm-trials.ts';
import type { Direction } from './direction.ts';
import type { JobRecord } from './job-record.ts';
import { rankTrials } from './rank-trials.ts';
import { studentT975 } from './student-t.ts';
import type { TrialRecord } from './trial-record.ts';
import type { TrialResult } from './trial-result.ts';

/** How much better one candidate is than another over fresh paired seeds. Positive gains are better. */
export interface PairedGain {
  /**
   * Other minus candidate (if minimized) for each seed for which both have a value. A diverged training counts with its
   * capped value; leaving it out would overstate the gain.
   */
  gains: { seedIndex: number; gain: number }[];
  mean: number;
  /** 95 % interval of the mean by Student's t over the pairs; null with fewer than two. */
  interval: [low: number, high: number] | null;
}

/** The gain of a search point over the reference, or over a baseline. */
export interface ConfirmedGain extends PairedGain {
  number: number;
}

/** What gains are computed for. */
export interface GainQuery {
  direction: Direction;
  /** Number of fresh seeds. */
  seeds: number;
  /** Returns what is compared of a result, if it has that; the value of the metric by default. */
  read?: (result: Pick<TrialResult, 'value' | 'metrics'>) => number | undefined;
}

/**
 * Returns how much better the best point is than plain backpropagation under the seeds of the search. It is optimistic,
 * because the best of many was selected by these values (invariant 7). Null if a value is missing.
 */
export function computeSearchGain(job: JobRecord, direction: Direction): number | null {
  if (!job.best || job.reference === null) return null;
  return computeGain(job.reference, job.best.value, direction);
}

/**
 * Returns the gains of the confirmed points over the reference or, with `baseline`, over that baseline, ranked as in
 * the search, without invalidated ones. A point is listed once one of its pairs is complete.
 */
export function computeConfirmedGains(
  trials: readonly TrialRecord[],
  query: GainQuery,
  baseline: BaselineName | null = null,
): ConfirmedGain[] {
  const confirmed = new Set(
    trials.flatMap(({ confirms, baseline }) => (baseline === undefined && confirms ? (confirms.number ?? []) : [])),
  );
  return rankTrials(trials, query.direction)
    .map(({ number }) => number!)
    .filter((number) => confirmed.has(number))
    .map((number) => ({ number, ...computePairedGain(trials, query, number, baseline) }))
    .filter(({ gains }) => gains.length);
}

/** Returns how much better a candidate is than the reference (null) or a baseline, over the fresh seeds of both. */
export function computePairedGain(
  trials: readonly TrialRecord[],
  { direction, seeds, read = ({ value }) => value }: GainQuery,
  candidate: Candidate,
  other: BaselineName | null,
): PairedGain {
  const byId = new Map(trials.map((trial) => [trial.id, trial]));
  const findTrial = (id: string): TrialRecord | null => {
    const trial = byId.get(id);
    return trial?.state === 'complete' || trial?.state === 'diverged' ? trial : null;
  };
  const gains = Array.from({ length: seeds }, (_, seedIndex) => {
    const compared = findTrial(makeConfirmTrialId(other, seedIndex));
    const repeated = findTrial(makeConfirmTrialId(candidate, seedIndex));
    if (!compared || !repeated || compared.seed !== repeated.seed) return [];
    const [before, after] = [read(compared.result!), read(repeated.result!)];
    if (before === undefined || after === undefined) return [];
    return [{ seedIndex, gain: computeGain(before, after, direction) }];
  }).flat();
  return { gains, ...computeMeanInterval(gains.map(({ gain }) => gain)) };
}

/** Gains beyond this count as this, so that neither a difference nor a variance over the seeds overflows. */
const MAX_GAIN = 1e150;

/** Returns how much better a value is than the reference; negative if it is worse. */
export function computeGain(reference: number, value: number, direction: Direction): number {
  const gain = direction === 'minimize' ? reference - value : value - reference;
  return Math.max(-MAX_GAIN, Math.min(MAX_GAIN, gain));
}

/** Returns the mean and its two-sided 95 % interval, mean ± t(.975, n−1)·s/√n. */
export function computeMeanInterval(values: readonly number[]): { mean: number; interval: [number, number] | null } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, interval: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = studentT975(n - 1) * Math.sqrt(variance / n);
  return { mean, interval: [mean - half, mean + half] };
}
