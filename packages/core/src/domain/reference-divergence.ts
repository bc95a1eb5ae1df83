import { makeConfirmTrialId, REFERENCE_ID } from './confirm-trials.ts';
import type { TrialRecord } from './trial-record.ts';

/**
 * How often the trainings of the reference diverged. A diverged training counts with the value that its metric gives to
 * all such trainings, so a gain over it does not say how much better a point is.
 */
export interface ReferenceDivergence {
  /** Value given to the diverged reference under the seeds of the search; null if it did not diverge there. */
  value: number | null;
  /** Fresh seeds under which the reference diverged. */
  diverged: number;
  /** Fresh seeds under which the reference has a value. */
  seeds: number;
}

/**
 * Returns how often the reference diverged; null if none of its trainings did.
 *
 * @param seeds number of fresh seeds
 */
export function findReferenceDivergence(trials: readonly TrialRecord[], seeds: number): ReferenceDivergence | null {
  const byId = new Map(trials.map((trial) => [trial.id, trial]));
  const searched = byId.get(REFERENCE_ID);
  const states = Array.from({ length: seeds }, (_, i) => byId.get(makeConfirmTrialId(null, i))?.state);
  const diverged = states.filter((state) => state === 'diverged').length;
  const value = searched?.state === 'diverged' ? (searched.result?.value ?? null) : null;
  if (value === null && !diverged) return null;
  return { value, diverged, seeds: diverged + states.filter((state) => state === 'complete').length };
}
