/** Id of the trial that runs plain backpropagation under the seeds of the search. */
export const REFERENCE_ID = 'reference';

/** Returns the id of the trial that repeats trial `number` (null: the reference) under fresh seed `seedIndex`. */
export function makeConfirmTrialId(number: number | null, seedIndex: number): string {
  return `confirm-${number ?? REFERENCE_ID}-${seedIndex}`;
}

/** Returns the seed with this index, in 0 … 2³¹−1. It differs for every index and is never the seed of the search. */
export function deriveConfirmSeed(searchSeed: number, seedIndex: number): number {
  return (searchSeed + 1 + seedIndex) % 2 ** 31;
}
