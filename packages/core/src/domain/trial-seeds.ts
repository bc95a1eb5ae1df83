import { deriveSeeds } from './derive-seeds.ts';

/** Seeds that a trial may average over. */
export const MAX_TRIAL_SEEDS = 20;
/** Fresh seeds of the confirm trials of a job, at most. */
export const MAX_CONFIRM_SEEDS = 100;

/**
 * Returns the seeds over which a trial averages: the given one, then hashes of it and an index. They are the same for
 * every trial with this seed. Fresh seeds of confirm trials are never among them.
 */
export function listTrialSeeds(seed: number, count: number): number[] {
  if (count <= 1) return [seed];
  const fresh = deriveSeeds({ purpose: 'confirm', seed, count: MAX_CONFIRM_SEEDS }, [seed]);
  return [seed, ...deriveSeeds({ purpose: 'trial', seed, count: count - 1 }, [seed, ...fresh])];
}
