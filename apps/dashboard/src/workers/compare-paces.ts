import { computeQuantile, formatNumber } from '@gradsmith/charts/numbers';
import type { WorkerResource } from '@gradsmith/contract';

/** A worker that takes more than this times the median of the others is called slow. */
export const SLOW = 1.5;

/** A job is compared from so many trials on, or from so much time on, ms: a few steps tell more of chance. */
const LEAST_TRIALS = 5;
const LEAST_MS = 10_000;

/** How fast a worker is in one job. */
export interface JobPace {
  readonly job: string;
  readonly unit: 'step' | 'trial';
  /** Mean time of a step or trial, ms. */
  readonly ms: number;
  /** That time, divided by the median of the other workers in the same job. Null if too little was measured. */
  readonly ratio: number | null;
}

/**
 * Compares the time that each worker takes in each job with that of the others. Times of different jobs cannot be
 * compared. A step tells more than a trial, because trials are pruned at different steps.
 *
 * @returns the paces of each worker, by its id
 */
export function comparePaces(workers: readonly WorkerResource[]): ReadonlyMap<string, readonly JobPace[]> {
  return new Map(
    workers.map((worker) => {
      const others = workers.filter(({ id }) => id !== worker.id).flatMap(({ recent }) => recent?.jobs ?? []);
      return [worker.id, (worker.recent?.jobs ?? []).flatMap((pace) => comparePace(pace, others))];
    }),
  );
}

/** Lists the jobs in which a worker is slow, the worst first. */
export function listSlow(paces: readonly JobPace[]): (JobPace & { ratio: number })[] {
  return paces
    .flatMap((pace) => (pace.ratio !== null && pace.ratio > SLOW ? [{ ...pace, ratio: pace.ratio }] : []))
    .sort((a, b) => b.ratio - a.ratio);
}

/** Returns a ratio with two digits. */
export function formatRatio(ratio: number): string {
  return formatNumber(Number(ratio.toPrecision(2)));
}

type RecentJob = NonNullable<WorkerResource['recent']>['jobs'][number];

function comparePace(own: RecentJob, others: readonly RecentJob[]): JobPace[] {
  const { job, msPerStep, msPerTrial } = own;
  const same = others.filter((other) => other.job === job && isEnough(own) && isEnough(other));
  const times = { step: same.map((other) => other.msPerStep), trial: same.map((other) => other.msPerTrial) };
  const compare = (unit: 'step' | 'trial', ms: number | null): JobPace | null => {
    if (ms === null) return null;
    const theirs = times[unit].filter((time) => time !== null).sort((a, b) => a - b);
    return { job, unit, ms, ratio: theirs.length ? ms / computeQuantile(theirs, 0.5) : null };
  };
  const paces = [compare('step', msPerStep), compare('trial', msPerTrial)].filter((pace) => pace !== null);
  const best = paces.find(({ ratio }) => ratio !== null) ?? paces[0];
  return best ? [best] : [];
}

function isEnough({ trials, msPerTrial, steps, msPerStep }: RecentJob): boolean {
  return trials >= LEAST_TRIALS || (msPerTrial ?? 0) * trials >= LEAST_MS || (msPerStep ?? 0) * steps >= LEAST_MS;
}
