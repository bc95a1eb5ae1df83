import { makeConfirmTrialId } from './confirm-trials.ts';
import type { Direction } from './direction.ts';
import type { JobRecord } from './job-record.ts';
import { studentT975 } from './student-t.ts';
import type { TrialRecord } from './trial-record.ts';

/** A search point that was run again under fresh seeds, paired with the reference. Positive gains are better. */
export interface ConfirmedGain {
  number: number;
  /**
   * Reference minus point (if minimized) for each seed for which both have a value. A diverged training counts with its
   * capped value; leaving it out would overstate the gain.
   */
  gains: { seedIndex: number; gain: number }[];
  mean: number;
  /** 95 % interval of the mean by Student's t over the pairs; null with fewer than two. */
  interval: [low: number, high: number] | null;
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
 * Returns the gains of the confirmed points, ranked as in the search, without invalidated ones. A point is listed once
 * one of its pairs is complete.
 */
export function computeConfirmedGains(
  trials: readonly TrialRecord[],
  { direction, seeds }: { direction: Direction; seeds: number },
): ConfirmedGain[] {
  const byId = new Map(trials.map((trial) => [trial.id, trial]));
  const valueOf = (id: string): number | null => {
    const trial = byId.get(id);
    return trial?.state === 'complete' || trial?.state === 'diverged' ? trial.result!.value : null;
  };
  const confirmed = trials.filter(({ confirms }) => confirms && confirms.number !== null);
  const numbers = [...new Set(confirmed.map(({ confirms }) => confirms!.number!))].filter(
    (number) => byId.get(String(number))?.state === 'complete',
  );
  const searchValue = (number: number): number => byId.get(String(number))!.result!.value;
  const sign = direction === 'minimize' ? 1 : -1;
  return numbers
    .sort((a, b) => sign * (searchValue(a) - searchValue(b)) || a - b)
    .map((number) => {
      const gains = Array.from({ length: seeds }, (_, seedIndex) => {
        const reference = valueOf(makeConfirmTrialId(null, seedIndex));
        const value = valueOf(makeConfirmTrialId(number, seedIndex));
        return reference === null || value === null
          ? []
          : [{ seedIndex, gain: computeGain(reference, value, direction) }];
      }).flat();
      return { number, gains, ...computeMeanInterval(gains.map(({ gain }) => gain)) };
    })
    .filter(({ gains }) => gains.length);
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
