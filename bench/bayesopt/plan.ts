import { problems } from './functions.ts';
import type { Job } from './protocol.ts';
import type { Question } from './runners.ts';

/** Space-filling trials before the model, for every method. */
const INITIAL = 10;
/** Numbers of known trials at which a suggestion is timed. */
export const TIMED_AT = [50, 200, 500, 1000, 2000] as const;
/** The problem the times are for, and the one of many dimensions, which is timed at MANY trials. */
export const TIMED_PROBLEM = 'hartmann-6';
export const WIDE_PROBLEM = 'ackley-60';
export const MANY = 1000;
/** Problems on which half of the trials are censored. */
export const CENSORED_PROBLEMS = ['branin-2', 'hartmann-3', 'hartmann-6'] as const;

/** The cheapest problems first, so that an interrupted run has whole rows. */
const ordered = problems.filter(({ timingOnly }) => !timingOnly).sort((a, b) => a.budget - b.budget);
export const comparedProblems: readonly string[] = ordered.map(({ name }) => name);

function listJobs(method: Job['method'], pending: number, seed: number): Job[] {
  return ordered.map(({ name, budget }) => ({ method, problem: name, seed, pending, budget, initial: INITIAL }));
}

/** Ours, from the points that the peer draws at first: a lucky start helps both alike. */
export const useSharedStart = (jobs: readonly Job[]): Job[] => jobs.map((job) => ({ ...job, start: 'shared' }));

/** Searches seed by seed, so that whatever is done is done for all problems. */
export function listSearches(methods: readonly Job['method'][], pendings: readonly number[], seeds: number): Job[] {
  const out: Job[] = [];
  for (const method of methods)
    for (const pending of pendings)
      for (let seed = 0; seed < seeds; seed++) out.push(...listJobs(method, pending, seed));
  return out;
}

export function listCensoredSearches(seeds: number): Job[] {
  return Array.from({ length: seeds }, (_, seed) => listJobs('gradsmith', 0, seed))
    .flat()
    .filter(({ problem }) => (CENSORED_PROBLEMS as readonly string[]).includes(problem))
    .flatMap((job) => [
      { ...job, censor: 'bound' as const },
      { ...job, censor: 'drop' as const },
    ]);
}

export function listTimings(method: Job['method']): Question[] {
  const at = (problem: string, timed: number, asks: number): Question => ({ method, problem, seed: 0, timed, asks });
  return [...TIMED_AT.map((n) => at(TIMED_PROBLEM, n, n > 500 ? 3 : 6)), at(WIDE_PROBLEM, MANY, 2)];
}
