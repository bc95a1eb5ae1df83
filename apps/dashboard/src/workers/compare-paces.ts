import { computeQuantile, formatNumber } from '@gradsmith/charts/numbers';
import type { WorkerResource } from '@gradsmith/contract';

/** A worker that takes more than this times the median of the others is called slow. */
export const SLOW = 1.5;

/**
 * Two workers are compared in a job from so many steps or complete trials of each on, and from so much measured time of
 * each on, ms. In a job of a few seconds, the time depends on chance, and on what else the machine did in these
 * seconds.
 */
const LEAST = { step: 10, trial: 5 } as const;
const LEAST_MS = 10_000;

type Unit = keyof typeof LEAST;
const units: readonly Unit[] = ['step', 'trial'];

/** How fast a worker is in one job. */
export interface JobPace {
  readonly job: string;
  readonly unit: Unit;
  /** Mean time of a step or trial, ms. */
  readonly ms: number;
  /** That time, divided by the median of the other workers in the same job. Null if no other has measured it. */
  readonly ratio: number | null;
  /** What `ratio` is relative to, in words: the time of the only other worker, or the median of several. */
  readonly against: string;
  /** Whether this worker and the others have measured enough to call one of them slow. */
  readonly isEnough: boolean;
  /** Whether this worker and another one train the job now. */
  readonly isShared: boolean;
}

/** A pace that was compared with that of other workers. */
export type ComparedPace = JobPace & { readonly ratio: number };

/**
 * Compares the time that each worker takes in each job with that of the others. Times of different jobs cannot be
 * compared. A step tells more than a trial, because trials are pruned at different steps.
 *
 * @returns the paces of each worker by its id: jobs that it trains now first, then the one that it trained last
 */
export function comparePaces(workers: readonly WorkerResource[]): ReadonlyMap<string, readonly JobPace[]> {
  return new Map(
    workers.map((worker) => {
      const others = workers.filter(({ id }) => id !== worker.id);
      const jobs = (worker.recent?.jobs ?? []).toSorted(
        (a, b) => Number(trains(worker, b)) - Number(trains(worker, a)),
      );
      return [worker.id, jobs.flatMap((job) => comparePace(worker, job, others) ?? [])];
    }),
  );
}

/** Returns the pace by which a worker is judged: of the jobs that can be compared, the first. Null if there is none. */
export function findJudged(paces: readonly JobPace[]): ComparedPace | null {
  return paces.find((pace): pace is ComparedPace => pace.ratio !== null && pace.isEnough) ?? null;
}

/**
 * Returns the pace for which a worker is called slow, or null. In a job that two workers have trained, only one of them
 * can be slow. A worker that is the faster one in a job that both train now is not called slow, however little was
 * measured of it.
 */
export function findSlow(paces: readonly JobPace[]): ComparedPace | null {
  const judged = findJudged(paces);
  const isFaster = paces.some(({ ratio, isShared }) => isShared && ratio !== null && ratio < 1);
  return judged && judged.ratio > SLOW && !isFaster ? judged : null;
}

/** Returns a ratio with two digits. */
export function formatRatio(ratio: number): string {
  return formatNumber(Number(ratio.toPrecision(2)));
}

type RecentJob = NonNullable<WorkerResource['recent']>['jobs'][number];

interface Measured {
  readonly name: string;
  readonly ms: number;
  readonly isEnough: boolean;
}

function comparePace(worker: WorkerResource, own: RecentJob, others: readonly WorkerResource[]): JobPace | null {
  const isShared = trains(worker, own) && others.some((other) => trains(other, own));
  const paces = units.flatMap((unit): JobPace[] => {
    const mine = measure(worker, own, unit);
    if (!mine) return [];
    const theirs = others.flatMap((other) => {
      const same = other.recent?.jobs.find(({ job }) => job === own.job);
      return (same && measure(other, same, unit)) ?? [];
    });
    const known = theirs.filter(({ isEnough }) => isEnough);
    return [compareTimes(own.job, unit, mine, known.length ? known : theirs, isShared)];
  });
  return paces.find(({ isEnough }) => isEnough) ?? paces.find(({ ratio }) => ratio !== null) ?? paces[0] ?? null;
}

function compareTimes(
  job: string,
  unit: Unit,
  { ms, isEnough }: Measured,
  others: readonly Measured[],
  isShared: boolean,
): JobPace {
  const times = others.map((other) => other.ms).sort((a, b) => a - b);
  const ratio = times.length ? ms / computeQuantile(times, 0.5) : null;
  const against = others.length === 1 ? `the time of ${others[0]!.name}` : 'the median of the other workers';
  return { job, unit, ms, ratio, against, isEnough: isEnough && others.some((other) => other.isEnough), isShared };
}

function measure(
  { name }: WorkerResource,
  { trials, msPerTrial, steps, msPerStep }: RecentJob,
  unit: Unit,
): Measured | null {
  const [count, ms] = unit === 'step' ? [steps, msPerStep] : [trials, msPerTrial];
  return ms === null ? null : { name, ms, isEnough: count >= LEAST[unit] && ms * count >= LEAST_MS };
}

function trains({ trials }: WorkerResource, { job }: RecentJob): boolean {
  return trials.some((trial) => trial.job === job);
}
