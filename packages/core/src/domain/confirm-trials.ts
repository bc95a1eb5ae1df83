import { baselineNames, type BaselineName } from './baselines.ts';
import { deriveSeeds } from './derive-seeds.ts';
import type { TrialRecord } from './trial-record.ts';

/** Id of the trial that runs plain backpropagation under the seeds of the search. */
export const REFERENCE_ID = 'reference';
/** Start of the ids of confirm trials. */
const CONFIRM = 'confirm-';

const baselines = baselineNames.join('|');
const repeated = `\\d{1,6}|${REFERENCE_ID}|${baselines}`;

/** The ids of trials of any role. */
export const trialIdPattern = new RegExp(
  `^(?:\\d{1,6}|${REFERENCE_ID}|(?:${baselines})-\\d{1,3}|${CONFIRM}(?:${repeated})-\\d{1,3})$`,
);

const confirmedNumber = new RegExp(`^${CONFIRM}(\\d+)-`);

/** Whether the id is that of a search trial: its number. */
export function isSearchTrialId(id: string): boolean {
  return /^\d{1,6}$/.test(id);
}

export function isConfirmTrialId(id: string): boolean {
  return id.startsWith(CONFIRM);
}

/**
 * What runs again under fresh seeds: the search trial with this number, the best trial of a baseline, or the reference
 * (null).
 */
export type Candidate = number | BaselineName | null;

/** Returns the id of the trial that repeats a candidate under fresh seed `seedIndex`. */
export function makeConfirmTrialId(candidate: Candidate, seedIndex: number): string {
  return `${CONFIRM}${candidate ?? REFERENCE_ID}-${seedIndex}`;
}

/** Lists the ids of the trials that repeat a candidate, one for each fresh seed. */
export function listConfirmTrialIds(candidate: Candidate, seeds: number): string[] {
  return Array.from({ length: seeds }, (_, seedIndex) => makeConfirmTrialId(candidate, seedIndex));
}

/** Returns those of the ids that are of trials that repeat one of the candidates. */
export function selectConfirmTrialIds(ids: readonly string[], candidates: readonly Candidate[]): string[] {
  const starts = candidates.map((candidate) => `${CONFIRM}${candidate ?? REFERENCE_ID}-`);
  return ids.filter((id) => starts.some((start) => id.startsWith(start)));
}

/** Lists the numbers of the search trials that ids of confirm trials name, each once. */
export function listConfirmedNumbers(ids: readonly string[]): string[] {
  return [...new Set(ids.flatMap((id) => confirmedNumber.exec(id)?.[1] ?? []))];
}

/**
 * Returns the fresh seed with this index, in 0 … 2³¹−1. It is a hash of both numbers, so that jobs with neighboring
 * seeds share none. It differs for every index and is never the seed of the search.
 */
export function deriveConfirmSeed(searchSeed: number, seedIndex: number): number {
  return deriveSeeds({ purpose: 'confirm', seed: searchSeed, count: seedIndex + 1 }, [searchSeed])[seedIndex]!;
}

/**
 * Returns the seed of the confirm trials with this index. A seed that a job has used stays: earlier versions counted up
 * from the seed of the search, and the trials of a pair have the same seed.
 */
export function chooseConfirmSeed(
  trials: readonly Pick<TrialRecord, 'confirms' | 'seed'>[],
  searchSeed: number,
  seedIndex: number,
): number {
  const used = trials.find(({ confirms }) => confirms?.seedIndex === seedIndex);
  return used?.seed ?? deriveConfirmSeed(searchSeed, seedIndex);
}
