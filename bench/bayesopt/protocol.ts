import { problems, type Problem } from './functions.ts';

/** One search to run: the runners read jobs as JSON lines and answer each with a result line. */
export interface Job {
  readonly method: string;
  readonly problem: string;
  readonly seed: number;
  /** Trials whose value is unknown whenever a point is asked for; 0 is one after the other. */
  readonly pending: number;
  readonly budget: number;
  readonly initial: number;
  /** Share of trials told as pruned at a bound, for the censored comparison. */
  readonly censor?: 'bound' | 'drop';
}

export interface Result extends Job {
  /** Simple regret (of the noiseless value) after each trial, in order of number. */
  readonly regret: readonly number[];
  /** Processor milliseconds of each suggestion after the initial ones. */
  readonly milliseconds: readonly number[];
}

export function problemOf(name: string): Problem {
  const problem = problems.find((candidate) => candidate.name === name);
  if (!problem) throw new RangeError(`no problem ${name}; there are ${problems.map((known) => known.name).join(', ')}`);
  return problem;
}

/** Noise of trial `number` in search `seed`: the same for every method. Standard normal (Box–Muller over mulberry32). */
export function noiseOf(seed: number, number: number): number {
  let state = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b);
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
