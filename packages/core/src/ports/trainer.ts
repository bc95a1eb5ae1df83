import type { Point } from '@gradsmith/bayesopt';
import { GradsmithError } from '../domain/errors.ts';
import type { Progress } from '../domain/progress.ts';
import type { TrialResult } from '../domain/trial-result.ts';
import type { ModuleObjective } from '../objective/module.ts';
import type { TrainingObjective } from '../objective/schema.ts';

/** One call of a module: the job's objective, with the trial's point and seed. */
export interface ModuleCall extends Pick<ModuleObjective, 'kind' | 'module' | 'options'> {
  params: Point;
  /** Number of the trial. */
  trial: number;
  seed: number;
}

/** The work of one trial: a training with point and seed applied to its objective, or a call of a module. */
export interface TrainingRequest {
  /** Whose work it is, `<job>/<trial>`: workers count their time by job. Checkpoints have keys of their own. */
  key: string;
  objective: TrainingObjective | ModuleCall;
  timeoutMs: number;
  /**
   * Steps at which progress is reported exactly, ascending; it may be reported at other steps as well. A training whose
   * metric is not `aulc` measures it there.
   */
  rungs?: readonly number[];
}

export interface TrainingHooks {
  /** Aborting kills the training; `train` then rejects with TrainerFailed `cancelled`. */
  signal: AbortSignal;
  /** Aborting ends the training early; `train` resolves to a pruned result, or to a complete one that came first. */
  prune?: AbortSignal;
  /** Called every few steps; the training does not wait for it. */
  onProgress(progress: Progress): void;
}

/**
 * Runs trainings or modules outside the event loop that renews leases (invariant 5), one at a time. Refuses objectives
 * that it is not made for.
 */
export interface Trainer {
  train(request: TrainingRequest, hooks: TrainingHooks): Promise<TrialResult>;
  /** Measures the resident bytes of its process. Null if there is none, or if this system does not tell. */
  measureMemory?(): Promise<number | null>;
  close(): Promise<void>;
}

/**
 * Why a training gave no result.
 *
 * - `refused`: the objective cannot be trained here, another try would end the same way
 * - `no-data`: the data of the job is not on this machine; another one may have it
 * - `crashed`, `memory`, `hung`: the trainer process died, grew too large or fell silent; it has been replaced
 * - `timeout`: longer than `timeoutMs`; `cancelled`: the signal aborted
 */
export type TrainerFailure = 'refused' | 'no-data' | 'crashed' | 'memory' | 'hung' | 'timeout' | 'cancelled';

export interface TrainerFailedOptions extends ErrorOptions {
  /** A runtime of this machine on which the training works. */
  fallbackRuntime?: string | undefined;
}

export class TrainerFailed extends GradsmithError {
  readonly failure: TrainerFailure;
  readonly fallbackRuntime: string | undefined;

  constructor(failure: TrainerFailure, message: string, options: TrainerFailedOptions = {}) {
    super(message, `trainer-${failure}`, { ...options, retryable: failure !== 'refused' });
    this.failure = failure;
    this.fallbackRuntime = options.fallbackRuntime;
  }
}
