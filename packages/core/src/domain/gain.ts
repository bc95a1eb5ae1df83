import { makeConfirmTrialId } from './confirm-trials.ts';
import type { Direction } from './direction.ts';
import type { JobRecord } from './job-record.ts';
import { studentT975 } from './student-t.ts';
import type { TrialRecord } from './trial-record.ts';

/** One search point, run again beside the reference under fresh seeds. Gains are positive where it is better. */
export interface ConfirmedGain {
  number: number;
  /**
   * Value of the reference minus (when minimising) that of the point, for each seed where both have one. A diverged
   * training has its capped value: without such seeds the gain would be that of the survivors.
   */
  gains: { seedIndex: number; gain: number }[];
  mean: number;
  /** 95 % interval of the mean by Student's t over the pairs; null with fewer than two. */
  interval: [low: number, high: number] | null;
}

/**
 * How much better the best point was than plain backpropagation under the search's own seeds. Optimistic by
 * construction: the best of many was picked by these very values (property 7). Null without both values.
 */
export function computeSearchGain(job: JobRecord, direction: Direction): number | null {
  if (!job.best || job.reference === null) return null;
  return computeGain(job.reference, job.best.value, direction);
}

/**
 * The confirmed points in the order of the search's ranking, without those taken back since. The search's best point is
 * not among them while none of its pairs is there.
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

function computeGain(reference: number, value: number, direction: Direction): number {
  return direction === 'minimize' ? reference - value : value - reference;
}

/** Mean and its two-sided 95 % interval, mean ± t(.975, n−1)·s/√n. */
export function computeMeanInterval(values: readonly number[]): { mean: number; interval: [number, number] | null } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, interval: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = studentT975(n - 1) * Math.sqrt(variance / n);
  return { mean, interval: [mean - half, mean + half] };
}
