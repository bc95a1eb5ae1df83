import type { TrainingObjective, TrainingPlan } from '@gradsmith/core/objective';
import type * as tf from '@tensorflow/tfjs-core';
import type { DataSet } from '../data/data-set.ts';
import type { KernelOps } from '../kernels/kernel-ops.ts';
import { disposeTensors } from '../kernels/scope.ts';
import { Batches } from './batches.ts';
import type { NetworkCheckpoint } from './checkpoint.ts';
import { PreActivationCounter } from './pre-activation-counter.ts';
import { TrainState } from './train-state.ts';
import { WeightRecorder } from './weight-recorder.ts';

/** One network of a training, with the seed of its objective. */
export class NetworkRun {
  readonly objective: TrainingObjective;
  readonly state: TrainState;
  readonly batches: Batches;
  /** The finite losses of the completed steps, in order. */
  readonly losses: number[] = [];
  readonly recorder: WeightRecorder | null;
  readonly preActivations: PreActivationCounter;
  /** Whether a loss was not finite. No steps follow. */
  diverged = false;
  #pending: tf.Scalar[] = [];

  constructor(objective: TrainingObjective, plan: TrainingPlan, data: DataSet, ops: KernelOps) {
    this.objective = objective;
    this.state = new TrainState(objective, plan, ops);
    this.recorder = WeightRecorder.create({ objective, plan, state: this.state, ops });
    this.preActivations = new PreActivationCounter(objective, plan);
    this.batches = new Batches(data, objective, plan.stepsPerEpoch);
  }

  /** Takes one step. Its loss is read later. */
  step(): void {
    const { x, labels } = this.batches.training(this.state.steps);
    this.recorder?.record({ x, labels });
    this.#pending.push(this.state.advance(x, labels));
    disposeTensors([x, labels]);
  }

  /** Reads the losses of the steps since the last call, and keeps those up to the first that is not finite. */
  async readLosses(): Promise<number> {
    const pending = this.#pending;
    this.#pending = [];
    const values = await Promise.all(pending.map(async (loss) => (await loss.data<'float32'>())[0]!));
    disposeTensors(pending);
    await this.recorder?.flush();
    const bad = values.findIndex((loss) => !Number.isFinite(loss));
    for (const loss of bad === -1 ? values : values.slice(0, bad)) this.losses.push(loss);
    if (bad !== -1) this.diverged = true;
    return values.length;
  }

  async read(): Promise<NetworkCheckpoint> {
    return { losses: [...this.losses], ...(await this.state.read()) };
  }

  restore(checkpoint: NetworkCheckpoint): void {
    for (const loss of checkpoint.losses) this.losses.push(loss);
    this.diverged = checkpoint.losses.length < checkpoint.step;
    this.state.restore(checkpoint);
  }

  dispose(): void {
    disposeTensors(this.#pending);
    this.recorder?.dispose();
    this.state.dispose();
  }
}
