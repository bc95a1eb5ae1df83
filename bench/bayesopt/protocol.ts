import { createHash } from 'node:crypto';
import { createSpace, type Point } from '@gradsmith/bayesopt';
import { problems, type Problem } from './functions.ts';

/**
 * A search, which identifies its result. The runners write one line with their versions, then read jobs as JSON lines
 * and answer each with one result line.
 */
export interface Job {
  readonly method: 'gradsmith' | 'optuna-gp' | 'optuna-tpe';
  readonly problem: string;
  readonly seed: number;
  /** Number of trials without a value whenever `ask` is called; 0 is sequential. */
  readonly pending: number;
  readonly budget: number;
  readonly initial: number;
  /** Makes the first `initial` + `pending` points those that the peer draws for this seed before it has a model. */
  readonly start?: 'shared';
  /** Reports two of three trials that do not improve the best value as pruned half-way to it, or as failed. */
  readonly censor?: 'bound' | 'drop';
}

/** The result of a search. */
export interface SearchResult extends Job {
  /** [number, noiseless value] of each trial that improved the best value. */
  readonly improvements: readonly (readonly [number, number])[];
  /** Number of trials that were censored, if the job asks for it. */
  readonly censored?: number;
  /** Milliseconds of each suggestion after the initial ones. */
  readonly milliseconds: readonly number[];
}

/** Asks a peer for the first `count` points of its search with this seed. */
export interface StartJob {
  readonly method: 'optuna-gp';
  readonly problem: string;
  readonly seed: number;
  readonly initial: number;
  readonly start: number;
}

/** Times `asks` suggestions after a history of known trials. Each gets its value before the next. */
export interface TimingJob {
  readonly method: Job['method'];
  readonly problem: string;
  readonly seed: number;
  readonly pending: 0;
  readonly initial: number;
  readonly asks: number;
  readonly history: readonly (readonly [Point, number])[];
}

export function findProblem(name: string): Problem {
  const problem = problems.find((candidate) => candidate.name === name);
  if (!problem)
    throw new RangeError(`${name} is not a problem; use one of ${problems.map((known) => known.name).join(', ')}`);
  return problem;
}

/** Creates a seeded uniform stream (mulberry32) that is independent of the optimizers. */
export function createUniforms(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Draws the standard normal noise of a trial (Box–Muller). It is the same for every method. */
export function drawNoise(seed: number, number: number): number {
  const uniform = createUniforms(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

export function addNoise(problem: Problem, truth: number, seed: number, number: number): number {
  return truth + problem.noise * drawNoise(seed, number);
}

/** Creates `count` uniform points of a problem with their values. */
export function createRandomHistory(problem: Problem, count: number, seed: number): [Point, number][] {
  const space = createSpace(problem.space);
  const uniform = createUniforms(seed + 1);
  return Array.from({ length: count }, () => {
    const point = space.draw(Float64Array.from(space.axes, uniform));
    return [point, problem.evaluate(point)];
  });
}

/** Computes a digest of a problem: its space, noise and values. Recorded results with another digest are not used. */
export function computeFingerprint(problem: Problem): string {
  const values = createRandomHistory(problem, 8, 1).map(([, value]) => value.toPrecision(8));
  return createHash('sha256')
    .update(JSON.stringify([problem.space, problem.noise, values]))
    .digest('hex')
    .slice(0, 12);
}
