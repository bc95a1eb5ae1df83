import { belongsToSearch, type BaselineName } from './baselines.ts';
import { compareByValue } from './compare-by-value.ts';
import type { Direction } from './direction.ts';
import type { TrialRecord } from './trial-record.ts';

/**
 * Returns the complete search trials, best first; of equal ones the lower number first. Diverged and pruned trials are
 * left out, because they are never best (invariant 9), and so are trials that violate measured constraints. With
 * `baseline`, ranks the trials that tuned it.
 */
export function rankTrials(
  trials: readonly TrialRecord[],
  direction: Direction,
  baseline: BaselineName | null = null,
): TrialRecord[] {
  return trials
    .filter(
      (trial) =>
        belongsToSearch(trial, baseline) && trial.state === 'complete' && trial.result && trial.feasible !== false,
    )
    .map((trial) => ({ trial, number: trial.number, value: trial.result!.value }))
    .sort(compareByValue(direction))
    .map(({ trial }) => trial);
}
