import type { RunData } from './data.ts';

/** Runs with their values at common steps. */
export interface AlignedRuns {
  /** Ascending steps: those of the run that goes furthest. */
  readonly steps: ArrayLike<number>;
  /** The values of each run at the steps; NaN where a run has none. */
  readonly values: readonly (readonly number[])[];
  /** Number of runs that end before the others. */
  readonly ended: number;
}

/**
 * Brings runs of the same point to common steps, because runs of different lengths are thinned out at different steps.
 * Values between two steps of a run are interpolated linearly.
 *
 * @param cap the cap of training losses. A training that ends before the others has diverged, so its missing steps
 *   count at the cap, as in the metric. null: other values, which are NaN outside of the steps of a run
 */
export function alignRuns(runs: readonly RunData[], cap: number | null): AlignedRuns {
  const furthest = runs.reduce((a, b) => (findLast(b) > findLast(a) ? b : a));
  const last = findLast(furthest);
  return {
    steps: furthest.steps,
    values: runs.map((run) => (run === furthest ? Array.from(run.values) : readAtSteps(run, furthest.steps, cap))),
    ended: runs.filter((run) => findLast(run) < last).length,
  };
}

function findLast({ steps }: RunData): number {
  return steps[steps.length - 1] ?? -Infinity;
}

function readAtSteps({ steps, values }: RunData, wanted: ArrayLike<number>, cap: number | null): number[] {
  let next = 0;
  return Array.from(wanted, (step) => {
    while (next < steps.length && steps[next]! < step) next++;
    if (next === steps.length) return cap ?? Number.NaN;
    if (steps[next] === step) return values[next]!;
    // The first loss of a thinned training is the mean of the steps up to it.
    if (next === 0) return cap === null ? Number.NaN : values[0]!;
    const [from, to] = [steps[next - 1]!, steps[next]!];
    return values[next - 1]! + ((values[next]! - values[next - 1]!) * (step - from)) / (to - from);
  });
}
