import type { Constraint } from '../space/constraint.ts';
import type { Point, SpaceDefinition } from '../space/definition.ts';

/** The state of a trial as the optimizer sees it. */
export type ObservationStatus = 'complete' | 'diverged' | 'pruned' | 'failed' | 'pending';

/** A trial as the optimizer sees it. */
export interface Observation {
  /** Number of the trial within its search. The history may have any order. */
  readonly number: number;
  readonly point: Point;
  readonly status: ObservationStatus;
  /**
   * The observed value of a complete or diverged trial. For a pruned trial a bound: the true value is at least this
   * bad. Otherwise ignored. If a value is needed but missing or not finite, the trial counts as failed.
   */
  readonly value?: number;
  /** The observed value of each of `settings.objectives`, in place of `value`. */
  readonly values?: readonly number[];
  /**
   * How far each measured quantity exceeds its limit, in an order that is the same for all trials; at most 0 is
   * feasible. Absent without measured constraints. An observed trial without it counts as infeasible if others have
   * it.
   */
  readonly excess?: readonly number[];
  /** The model state that was returned with this trial's point. It is the only source of warm starts. */
  readonly model?: ModelState;
}

/**
 * Hyperparameters of the surrogate, from which the next suggestion starts; serializable as JSON. Lengthscales are those
 * of the unit cube, in the canonical order of the free parameters. Variances are those of the standardized outcome.
 */
export interface ModelState {
  /** Number of observed values that the hyperparameters were fitted to. */
  readonly fittedTo: number;
  /** Hyperparameters that the fit started from; absent if it started from the priors. */
  readonly start?: Hyperparameters;
  readonly fitted: Hyperparameters;
}

/** Natural logarithms of the kernel's hyperparameters, and the outcome warp. */
export interface Hyperparameters {
  readonly logLengthscales: readonly number[];
  readonly logSignalVariance: number;
  readonly logNoiseVariance: number;
  /** Strength of the outcome warp; 0 is no warp. */
  readonly warp: number;
}

export type Algorithm = 'gp' | 'random' | 'sobol' | 'grid' | 'tpe' | 'cma-es' | 'nsga-ii' | 'evolution';

/** One of several objectives. */
export interface ObjectiveGoal {
  readonly direction: 'minimize' | 'maximize';
  /** The worst value of interest. By default a tenth of the range beyond the worst one observed. */
  readonly reference?: number | undefined;
}

/** The settings of a regularized evolution (Real et al. 2019). */
export interface EvolutionSettings {
  /** Number of the youngest trials from which parents are chosen. */
  readonly population: number;
  /** Number of trials among which the best one is the parent. */
  readonly tournament: number;
}

export interface SearchSettings {
  readonly algorithm: Algorithm;
  /** Number of space-filling points before the first point of the model; at least 1. */
  readonly initial: number;
  /** A safe integer; searches with different seeds are independent. */
  readonly seed: number;
  /** Direction of `value`. With `objectives`, they have their own. */
  readonly direction: 'minimize' | 'maximize';
  /** Two or three objectives, of which the Pareto front is searched; observations have `values`. */
  readonly objectives?: readonly ObjectiveGoal[] | undefined;
  /** Only for `evolution`; by default `DEFAULT_EVOLUTION`. */
  readonly evolution?: EvolutionSettings | undefined;
  /** Whether evaluations of one point differ, so that the acquisition must be noisy. By default decided by the fit. */
  readonly noisy?: boolean;
}

export interface SuggestInput {
  readonly space: SpaceDefinition;
  /** Suggested points fulfill all of them; by default there are none. */
  readonly constraints?: readonly Constraint[];
  readonly settings: SearchSettings;
  readonly history: readonly Observation[];
  /** Number of the trial that gets the point. */
  readonly number: number;
}

/** What the model expects of the search, in the units of the metric. Both are at least 0 and finite. */
export interface Outlook {
  /** The largest expected improvement of one more trial. */
  readonly improvement: number;
  /** Standard deviation of the noise near the best values. */
  readonly noise: number;
}

export type Suggestion =
  | {
      readonly kind: 'point';
      readonly point: Point;
      readonly source: 'initial' | 'model';
      readonly model?: ModelState;
      /** Absent for points that do not come from a Gaussian process. */
      readonly outlook?: Outlook;
    }
  /** The history holds every point of a finite space. */
  | { readonly kind: 'exhausted' };
