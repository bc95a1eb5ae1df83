import { isBetter, listTrialSeeds, type TrialResult } from '@gradsmith/core/domain';
import { type TrainingObjective, type TrainingPlan, getMetricDirection, planTraining } from '@gradsmith/core/objective';
import type { DataSet } from '../data/data-set.ts';
import type { BackendDescription } from '../kernels/backend-description.ts';
import { type KernelOps, portableOps } from '../kernels/kernel-ops.ts';
import type { Checkpoint } from './checkpoint.ts';
import { average, averageCurves } from './combine-networks.ts';
import { NetworkRun } from './network-run.ts';
import { computePartialSum, measureMetric, trialResult } from './result.ts';

/** The progress of a training. */
export interface TrainingProgress {
  /** Number of completed steps, from 1. */
  readonly step: number;
  readonly steps: number;
  /** Mean losses of the steps since the last report, each before its update; none after a network has diverged. */
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
 * noise depend only on `objective.seed`, so trials of a job are paired. With `seedsPerTrial`, one network for each seed
 * takes the same step before any takes the next one, and the value is the mean of their values.
 *
 * A network stops at the first loss that is not finite. The outcome is then `diverged`, and missing steps count at the
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

/** The networks of a training, one for each seed, which take their steps in turn. */
class TrainingRun {
  readonly networks: readonly NetworkRun[];
  /** Time of the timed steps in milliseconds, and their number over all networks. */
  readonly timing = { milliseconds: 0, steps: 0 };
  /** The best value of the metric that was measured before the end. */
  bestValue: number | undefined;
  readonly #objective: TrainingObjective;
  readonly #data: DataSet;
  readonly #plan: TrainingPlan;
  readonly #options: TrainingOptions;
  readonly #rungs: ReadonlySet<number>;
  /** Completed steps of the networks that have not diverged. */
  #steps = 0;

  constructor(objective: TrainingObjective, plan: TrainingPlan, data: DataSet, options: TrainingOptions) {
    this.#objective = objective;
    this.#data = data;
    this.#plan = plan;
    this.#options = options;
    this.#rungs = new Set(options.rungs);
    const seeds = listTrialSeeds(objective.seed, objective.seedsPerTrial ?? 1);
    const { ops = portableOps } = options;
    this.networks = seeds.map((seed) => new NetworkRun({ ...objective, seed }, plan, data, ops));
    if (options.resume) this.#restore(options.resume);
  }

  async steps(): Promise<TrainingOutcome> {
    const { steps, stepsPerEpoch } = this.#plan;
    let since = performance.now();
    let read = this.#steps;
    while (this.#steps < steps) {
      this.#options.signal?.throwIfAborted();
      for (const network of this.#listLive()) network.step();
      const done = (this.#steps += 1);
      const epochEnds = done % stepsPerEpoch === 0;
      const now = performance.now();
      const isDue = epochEnds || this.#rungs.has(done) || done - read >= STEPS_AT_ONCE;
      if (!isDue && now - since < MILLISECONDS_AT_ONCE) continue;
      const counted = await this.#readLosses();
      this.timing.milliseconds += performance.now() - since;
      this.timing.steps += counted;
      const outcome = await this.#report(read);
      read = done;
      if (outcome) return outcome;
      if (done === stepsPerEpoch) await this.#countPreActivations();
      if (epochEnds && done < steps) await this.#options.onEpoch?.(done / stepsPerEpoch, () => this.#read());
      since = performance.now();
    }
    return this.networks.some(({ diverged }) => diverged) ? 'diverged' : 'complete';
  }

  #listLive(): NetworkRun[] {
    return this.networks.filter(({ diverged }) => !diverged);
  }

  /** Reads the losses of all networks, and returns their number. */
  async #readLosses(): Promise<number> {
    let count = 0;
    for (const network of this.#listLive()) count += await network.readLosses();
    await yieldToEvents();
    return count;
  }

  /**
   * Reports the steps since the last report, and asks whether to continue.
   *
   * @param from number of steps that were reported before
   */
  async #report(from: number): Promise<'pruned' | 'diverged' | undefined> {
    if (!this.#listLive().length) return 'diverged';
    const { steps } = this.#plan;
    const step = this.#steps;
    const losses = averageCurves(this.networks.map((network) => network.losses.slice(from)));
    const partialSum = average(this.networks.map((network) => computePartialSum(network, this.#plan, step)));
    const value = this.#rungs.has(step) && step < steps ? await this.#measure() : undefined;
    const answer = await this.#options.onProgress?.({ step, steps, losses, partialSum, value });
    return answer === 'prune' && step < steps ? 'pruned' : undefined;
  }

  /** Measures the metric of the training so far, which does not affect the training. */
  async #measure(): Promise<number | undefined> {
    const { metric } = this.#objective;
    if (metric === 'aulc') return undefined;
    const value = await measureMetric(metric, { networks: this.networks, plan: this.#plan, data: this.#data });
    if (this.bestValue === undefined || isBetter(value, this.bestValue, getMetricDirection(metric))) {
      this.bestValue = value;
    }
    return value;
  }

  /** Counts the pre-activations of the first network. */
  async #countPreActivations(): Promise<void> {
    const [{ diverged, preActivations, state, batches }] = this.networks as [NetworkRun];
    if (!diverged) await preActivations.record(state, batches, this.#data);
  }

  async #read(): Promise<Checkpoint> {
    const [first, ...others] = this.networks as [NetworkRun, ...NetworkRun[]];
    const { bestValue } = this;
    const checkpoint = { preActivations: first.preActivations.read(), bestValue, ...(await first.read()) };
    if (!others.length) return checkpoint;
    return { ...checkpoint, others: await Promise.all(others.map((network) => network.read())) };
  }

  #restore(checkpoint: Checkpoint): void {
    const [first, ...others] = this.networks as [NetworkRun, ...NetworkRun[]];
    first.preActivations.restore(checkpoint.preActivations ?? []);
    first.restore(checkpoint);
    this.bestValue = checkpoint.bestValue;
    for (const [i, network] of others.entries()) network.restore(checkpoint.others![i]!);
    this.#steps = this.networks.reduce((most, { state }) => Math.max(most, state.steps), 0);
  }

  dispose(): void {
    for (const network of this.networks) network.dispose();
  }
}
