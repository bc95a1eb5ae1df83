import { Optimizer, type Algorithm, type Point } from '@gradsmith/bayesopt';
import type { PipedProgram } from '../lib/piped-program.ts';
import type { SuiteProblem } from './suite.ts';

/** What one trial measures; smaller is better, and violations are feasible up to 0. */
export type Measured =
  | { readonly value: number; readonly violations: readonly number[] }
  | { readonly values: number[] };

/** A problem whose trials measure more than one number. */
export interface TrialProblem extends Pick<SuiteProblem, 'name' | 'space' | 'minimum' | 'budget' | 'initial'> {
  /** Number of objectives, if more than one. */
  readonly objectives?: number;
  measure(point: Point): Measured;
  /** Returns how good all trials together are, smaller is better; `minimum` is subtracted. */
  score(trials: readonly Measured[]): number;
}

export type TrialSearcher = (problem: TrialProblem, seed: number) => Promise<number[]>;

/** Creates the search by one of our algorithms. */
export function createOwnTrialSearcher(algorithm: Algorithm): TrialSearcher {
  return async (problem, seed) => {
    const { space, budget, initial, objectives: count } = problem;
    const objectives = count === undefined ? undefined : Array.from({ length: count }, () => minimize);
    const optimizer = new Optimizer(space, { algorithm, seed, initial, objectives });
    const trials: Measured[] = [];
    while (trials.length < budget) {
      const { number, point } = optimizer.ask()!;
      const measured = problem.measure(point);
      optimizer.tell(number, 'values' in measured ? measured : { value: measured.value, excess: measured.violations });
      trials.push(measured);
    }
    return [problem.score(trials)];
  };
}

const minimize = { direction: 'minimize' } as const;

/** Creates the search by a method of bench/peers/ask_tell_peer.py, with further fields of its first message. */
export function createPeerTrialSearcher(peer: PipedProgram, method: string, fields: object = {}): TrialSearcher {
  return async (problem, seed) => {
    const { space, budget, initial, objectives = 1 } = problem;
    const start = { ...fields, method, seed, initial, space, objectives, constrained: objectives === 1 };
    let { point } = await peer.ask<{ point: Point }>(start);
    const trials: Measured[] = [];
    while (trials.length < budget) {
      const measured = problem.measure(point);
      trials.push(measured);
      if (trials.length < budget) ({ point } = await peer.ask<{ point: Point }>(measured));
    }
    return [problem.score(trials)];
  };
}
