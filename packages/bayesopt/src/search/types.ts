import type { Point, SpaceDefinition } from '../space/definition.ts';

/** How a trial stands, as far as the optimizer is concerned. */
export type ObservationStatus = 'complete' | 'diverged' | 'pruned' | 'failed' | 'pending';

/** A trial as the optimizer sees it. */
export interface Observation {
  /** Number of the trial within its search; the history may come in any order. */
  readonly number: number;
  readonly point: Point;
  readonly status: ObservationStatus;
  /**
   * complete, diverged: the observed value. pruned: a bound; the true value is at least this bad. Others: ignored. A
   * value that is missing or not finite where one is needed makes the trial count as failed.
   */
  readonly value?: number;
  /** What the suggestion of this trial's point recorded; warm starts come from here and from nowhere else. */
  readonly model?: ModelState;
}

/**
 * Hyperparameters of the surrogate, JSON-serialisable: what the next suggestion starts from. Lengthscales belong to the
 * unit cube, in the canonical order of the free parameters; variances to the standardised outcome.
 */
export interface ModelState {
  /** Number of valued observations the hyperparameters were fitted to. */
  readonly fittedTo: number;
  /** Hyperparameters the fit started from; absent where it started from the priors. */
  readonly start?: Hyperparameters;
  readonly fitted: Hyperparameters;
}

/** Natural logarithms of the kernel's hyperparameters, and the outcome warp. */
export interface Hyperparameters {
  readonly logLengthscales: readonly number[];
  readonly logSignalVariance: number;
  readonly logNoiseVariance: number;
  /** Strength of the outcome warp; 0 leaves outcomes as they are. */
  readonly warp: number;
}

export type Algorithm = 'gp' | 'random' | 'sobol' | 'grid' | 'tpe';

export interface SearchSettings {
  readonly algorithm: Algorithm;
  /** Number of space-filling points before the model takes over; at least 1. */
  readonly initial: number;
  /** A safe integer; searches with different seeds are independent. */
  readonly seed: number;
  readonly direction: 'minimize' | 'maximize';
  /** The objective differs between evaluations of one point: use the noisy form of the acquisition. */
  readonly noisy?: boolean;
}

export interface SuggestInput {
  readonly space: SpaceDefinition;
  readonly settings: SearchSettings;
  readonly history: readonly Observation[];
  /** Number of the trial the point is for. */
  readonly number: number;
}

export type Suggestion =
  | { readonly kind: 'point'; readonly point: Point; readonly source: 'initial' | 'model'; readonly model?: ModelState }
  /** Every point of a finite space has been issued. */
  | { readonly kind: 'exhausted' };
