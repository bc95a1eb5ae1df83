import type { Algorithm } from './types.ts';

/** What an algorithm uses, and what it can search. */
interface AlgorithmTraits {
  /** Whether points depend on the results of earlier trials. */
  readonly hasModel: boolean;
  /** How many objectives it searches. */
  readonly objectives: 'one' | 'several' | 'any';
  /** Whether it searches parameters that are programs. */
  readonly programs: boolean;
}

/** The algorithms by name. */
export const algorithms: Readonly<Record<Algorithm, AlgorithmTraits>> = {
  gp: { hasModel: true, objectives: 'any', programs: false },
  random: { hasModel: false, objectives: 'any', programs: true },
  sobol: { hasModel: false, objectives: 'any', programs: false },
  grid: { hasModel: false, objectives: 'any', programs: false },
  tpe: { hasModel: true, objectives: 'one', programs: false },
  'cma-es': { hasModel: true, objectives: 'one', programs: false },
  'nsga-ii': { hasModel: true, objectives: 'several', programs: false },
  evolution: { hasModel: true, objectives: 'one', programs: true },
};
