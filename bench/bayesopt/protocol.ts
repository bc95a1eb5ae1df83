import { createHash } from 'node:crypto';
import { createSpace, type Point } from '@gradsmith/bayesopt';
import { problems, type Problem } from './functions.ts';

/**
 * What names a result: the runners read jobs as JSON lines and answer each with one result line, after a first line
 * with their versions.
 */
export interface Job {
  readonly method: 'gradsmith' | 'optuna-gp' | 'optuna-tpe';
  readonly problem: string;
  readonly seed: number;
  /** Trials whose value is unknown whenever a point is asked for; 0 is one after the other. */
  readonly pending: number;
  readonly budget: number;
  readonly initial: number;
  /**
   * The first `initial` + `pending` points, those that a peer asks for before it knows enough for a model, are the ones
   * it draws for this seed.
   */
  readonly start?: 'shared';
  /** Tells two of three trials that do not better the best so far as pruned half-way to its value, or as failed. */
  readonly censor?: 'bound' | 'drop';
}

/** A search's answer. */
export interface SearchResult extends Job {
  /** [number, noiseless value] wherever the best value so far fell, by number of the trial. */
  readonly improvements: readonly (readonly [number, number])[];
  /** Trials that were censored, where the job asks for it. */
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

/** Times `asks` suggestions after a history of known trials, each told before the next. */
export interface TimingJob {
  readonly method: Job['method'];
  readonly problem: string;
  readonly seed: number;
  readonly pending: 0;
  readonly initial: number;
  readonly asks: number;
  readonly history: readonly (readonly [Point, number])[];
}

export function problemOf(name: string): Problem {
  const problem = problems.find((candidate) => candidate.name === name);
  if (!problem) throw new RangeError(`no problem ${name}; there are ${problems.map((known) => known.name).join(', ')}`);
  return problem;
}

/** A seeded uniform stream (mulberry32), apart from any optimizer's own. */
export function uniforms(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Noise of trial `number` in search `seed`: the same for every method. Standard normal (Box–Muller). */
export function noiseOf(seed: number, number: number): number {
  const uniform = uniforms(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

export function valueOf(problem: Problem, truth: number, seed: number, number: number): number {
  return truth + problem.noise * noiseOf(seed, number);
}

/** `count` uniform points of a problem's space with their values. */
export function randomHistory(problem: Problem, count: number, seed: number): [Point, number][] {
  const space = createSpace(problem.space);
  const uniform = uniforms(seed + 1);
  return Array.from({ length: count }, () => {
    const point = space.draw(Float64Array.from(space.axes, uniform));
    return [point, problem.evaluate(point)];
  });
}

/**
 * Changes when the problem does (its space, noise or values), so that recorded results of another problem are never
 * compared.
 */
export function fingerprintOf(problem: Problem): string {
  const values = randomHistory(problem, 8, 1).map(([, value]) => value.toPrecision(8));
  return createHash('sha256')
    .update(JSON.stringify([problem.space, problem.noise, values]))
    .digest('hex')
    .slice(0, 12);
}
