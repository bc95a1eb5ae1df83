import { isBetter, type Direction } from './direction.ts';
import type { TrialRecord } from './trial-record.ts';

/**
 * Returns the complete search trials, best first; of equal ones the lower number first. Diverged and pruned trials are
 * left out, because they are never best (invariant 9).
 */
export function rankTrials(trials: readonly TrialRecord[], direction: Direction): TrialRecord[] {
  return trials
    .filter(({ role, state, result }) => role === 'search' && state === 'complete' && result)
    .sort((a, b) => {
      if (a.result!.value === b.result!.value) return a.number! - b.number!;
      return isBetter(a.result!.value, b.result!.value, direction) ? -1 : 1;
    });
}
