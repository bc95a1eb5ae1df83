/** What `listBestSoFar` reads of a search trial. */
interface SearchedTrial {
  readonly state: string;
  readonly value: number | null;
  /** Whether the trial fulfills the measured constraints, if the job has any. */
  readonly feasible?: boolean | null | undefined;
}

/**
 * Returns the best value after each trial; NaN before the first complete and feasible one.
 *
 * @param trials in the order of their numbers; undefined for one that is not known
 */
export function listBestSoFar(
  trials: readonly (SearchedTrial | undefined)[],
  direction: 'minimize' | 'maximize',
): number[] {
  const choose = direction === 'minimize' ? Math.min : Math.max;
  let best = Number.NaN;
  return trials.map((trial) => {
    if (trial?.state === 'complete' && trial.value !== null && trial.feasible !== false)
      best = Number.isNaN(best) ? trial.value : choose(best, trial.value);
    return best;
  });
}
