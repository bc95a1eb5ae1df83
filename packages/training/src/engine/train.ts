import { isBetter, type TrialResult } from '@gradsmith/core/domain';
import {
  type TrainingObjective,
  type TrainingPlan,
  computeLossCap,
  computePartialAulc,
  getMetricDirection,
  planTraining,
} from '@gradsmith/core/objective';
import type * as tf from '@tensorflow/tfjs-core';
import type { DataSet } from '../data/data-set.ts';
import type { BackendDescription } from '../kernels/backend-description.ts';
import { type KernelOps, portableOps } from '../kernels/kernel-ops.ts';
import { disposeTensors } from '../kernels/scope.ts';
import { Batches } from './batches.ts';
import type { Checkpoint } from './checkpoint.ts';
import { PreActivationCounter } from './pre-activation-counter.ts';
import { measureMetric, trialResult } from './result.ts';
import { TrainState } from './train-state.ts';
import { WeightRecorder } from './weight-recorder.ts';

/** The progress of a training. */
export interface TrainingProgress {
  /** Number of completed steps, from 1. */
  readonly step: number;
  readonly steps: number;
  /** Losses of the steps since the last report, each before its update. */
  readonly losses: readonly number[];
  /** What these steps add to the AULC: a lower bound of its final value. */
  readonly partialSum: number;
  /** The metric at this step, if it was measured: at the rungs, unless it is `aulc`. */
  readonly value?: number | undefined;
}

export interface TrainingOptions {
  /** Description of the current backend, for the record. */
  readonly backend: BackendDescription;
  readonly ops?: KernelOps;
  /** Aborting ends the training between two steps: `train` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called every few steps. The answer `prune` ends the training; its result is then a lower bound. */
  onProgress?(progress: TrainingProgress): 'continue' | 'prune' | Promise<'continue' | 'prune'>;
  /** Steps after which progress is always reported, with the metric if it is not `aulc`. */
  readonly rungs?: readonly number[];
  /** Called at the end of each epoch except the last; `read` copies the state from the backend. */
  onEpoch?(epoch: number, read: () => Promise<Checkpoint>): void | Promise<void>;
  /** Where to continue; created by the same objective on the same backend. Not for trainings that record weights. */
  readonly resume?: Checkpoint;
}

/** Losses are read from the backend after this number of steps or this time. */
const STEPS_AT_ONCE = 8;
const MILLISECONDS_AT_ONCE = 250;

/** Runs a function in the next turn of the event loop. In browsers, which have only timers, this takes 1 ms or more. */
const afterOthers: (call: () => void) => void =
  typeof setImmediate === 'function' ? setImmediate : (call) => setTimeout(call, 0);

/** Lets timers and messages run, because some backends compute synchronously. */
function yieldToEvents(): Promise<void> {
  return new Promise((resolve) => {
    afterOthers(resolve);
  });
}

/**
 * Trains a network according to the objective and measures it. Initial weights, batch order, dropout, augmentation and
 * noise depend only on `objective.seed`, so trials of a job are paired.
 *
 * Training stops at the first loss that is not finite. The outcome is then `diverged`, and missing steps count at the
 * cap.
 *
 * @throws the signal's reason if it is aborted
 */
export async function train(
  objective: TrainingObjective,
  data: DataSet,
  options: TrainingOptions,
): Promise<TrialResult> {
  const plan = planTraining(objective);
  assertFits(plan, data, objective);
  const run = new TrainingRun(objective, plan, data, options);
  try {
    const outcome = await run.steps();
    return await trialResult({ ...run, objective, plan, data, outcome, backend: options.backend });
  } finally {
    run.dispose();
  }
}

function assertFits(plan: TrainingPlan, data: DataSet, { dataset }: TrainingObjective): void {
  if (data.shape.join() !== plan.input.join() || data.classes !== plan.classes) {
    throw new RangeError(
      `${data.name} has examples of shape ${data.shape.join('×')}, but ${dataset.name} was asked for`,
    );
  }
  if (data.train.count !== dataset.train || data.validation.count !== dataset.validation) {
    throw new RangeError(
      `${dataset.train} training and ${dataset.validation} validation examples were asked for, but ` +
        `${data.train.count} and ${data.validation.count} given`,
    );
  }
}

/** How the training finished. */
export type TrainingOutcome = 'complete' | 'pruned' | 'diverged';

class TrainingRun {
  readonly state: TrainState;
  readonly batches: Batches;
  /** Losses of all completed steps, in order. The last may not be finite. */
  readonly losses: number[] = [];
  /** Time of the timed steps in milliseconds, and their number. */
  readonly timing = { milliseconds: 0, steps: 0 };
  readonly recorder: WeightRecorder | null;
  readonly preActivations: PreActivationCounter;
  /** The best value of the metric that was measured before the end. */
  bestValue: number | undefined;
  readonly #objective: TrainingObjective;
  readonly #data: DataSet;
  readonly #plan: TrainingPlan;
  readonly #options: TrainingOptions;
  readonly #rungs: ReadonlySet<number>;
  #pending: tf.Scalar[] = [];

  constructor(objective: TrainingObjective, plan: TrainingPlan, data: DataSet, options: TrainingOptions) {
    this.#objective = objective;
    this.#data = data;
    this.#plan = plan;
    this.#options = options;
    this.#rungs = new Set(options.rungs);
    const { ops = portableOps } = options;
    this.state = new TrainState(objective, plan, ops);
    this.recorder = WeightRecorder.create({ objective, plan, state: this.state, ops });
    this.preActivations = new PreActivationCounter(objective, plan);
    this.batches = new Batches(data, objective, plan.stepsPerEpoch);
    if (options.resume) this.#restore(options.resume);
  }

  async steps(): Promise<TrainingOutcome> {
    const { steps, stepsPerEpoch } = this.#plan;
    let since = performance.now();
    while (this.state.steps < steps) {
      this.#options.signal?.throwIfAborted();
      this.#step();
      const done = this.state.steps;
      const epochEnds = done % stepsPerEpoch === 0;
      const now = performance.now();
      if (
        !epochEnds &&
        !this.#rungs.has(done) &&
        this.#pending.length < STEPS_AT_ONCE &&
        now - since < MILLISECONDS_AT_ONCE
      )
        continue;
      const fresh = await this.#readLosses();
      this.timing.milliseconds += performance.now() - since;
      this.timing.steps += fresh.length;
      const outcome = await this.#report(fresh);
      if (outcome) return outcome;
      if (done === stepsPerEpoch) await this.#countPreActivations();
      if (epochEnds && done < steps) await this.#options.onEpoch?.(done / stepsPerEpoch, () => this.#read());
      since = performance.now();
    }
    return 'complete';
  }

  #step(): void {
    const { x, labels } = this.batches.training(this.state.steps);
    this.recorder?.record({ x, labels });
    this.#pending.push(this.state.advance(x, labels));
    disposeTensors([x, labels]);
  }

  async #readLosses(): Promise<number[]> {
    const pending = this.#pending;
    this.#pending = [];
    const values = await Promise.all(pending.map(async (loss) => (await loss.data<'float32'>())[0]!));
    disposeTensors(pending);
    await this.recorder?.flush();
    await yieldToEvents();
    return values;
  }

  /** Records losses up to the first that is not finite, and asks whether to continue. */
  async #report(fresh: readonly number[]): Promise<'pruned' | 'diverged' | undefined> {
    const bad = fresh.findIndex((loss) => !Number.isFinite(loss));
    for (const loss of bad === -1 ? fresh : fresh.slice(0, bad)) this.losses.push(loss);
    if (bad !== -1) return 'diverged';
    const { steps, classes } = this.#plan;
    const partialSum = computePartialAulc(this.losses, steps, computeLossCap(classes));
    const step = this.losses.length;
    const value = this.#rungs.has(step) && step < steps ? await this.#measure() : undefined;
    const answer = await this.#options.onProgress?.({ step, steps, losses: fresh, partialSum, value });
    return answer === 'prune' && this.losses.length < steps ? 'pruned' : undefined;
  }

  /** Measures the metric of the training so far, which does not affect the training. */
  async #measure(): Promise<number | undefined> {
    const { metric } = this.#objective;
    if (metric === 'aulc') return undefined;
    const value = await measureMetric(metric, { ...this, plan: this.#plan, data: this.#data });
    if (this.bestValue === undefined || isBetter(value, this.bestValue, getMetricDirection(metric))) {
      this.bestValue = value;
    }
    return value;
  }

  #countPreActivations(): Promise<void> {
    return this.preActivations.record(this.state, this.batches, this.#data);
  }

  async #read(): Promise<Checkpoint> {
    const preActivations = this.preActivations.read();
    return { losses: [...this.losses], preActivations, ...(await this.state.read()) };
  }

  #restore(checkpoint: Checkpoint): void {
    for (const loss of checkpoint.losses) this.losses.push(loss);
    this.preActivations.restore(checkpoint.preActivations ?? []);
    this.state.restore(checkpoint);
  }

  dispose(): void {
    disposeTensors(this.#pending);
    this.recorder?.dispose();
    this.state.dispose();
  }
}
