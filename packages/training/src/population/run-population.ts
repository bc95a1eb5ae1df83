import { planTraining, type TrainingObjective } from '@gradsmith/core/objective';
import type * as tf from '@tensorflow/tfjs-core';
import type { DataSet } from '../data/data-set.ts';
import { Batches } from '../engine/batches.ts';
import { TrainState } from '../engine/train-state.ts';
import type { Batch, KernelOps } from '../kernels/kernel-ops.ts';
import { disposeTensors } from '../kernels/scope.ts';
import { JoinedStates } from './joined-states.ts';
import { StackedState } from './stacked-state.ts';

/**
 * How k networks are trained.
 *
 * | program    | a step                                                                       |
 * | ---------- | ---------------------------------------------------------------------------- |
 * | `separate` | One network after the other is trained, as trials are                        |
 * | `joined`   | k separate steps are one computation                                         |
 * | `stacked`  | The networks have stacked weights, and each layer is one computation for all |
 */
export type PopulationProgram = 'separate' | 'joined' | 'stacked';

export interface PopulationOptions {
  readonly program: PopulationProgram;
  readonly ops: KernelOps;
  /** Steps before the time is measured. */
  readonly warmUp: number;
  /** Steps in the measured time. */
  readonly steps: number;
}

export interface PopulationRun {
  /** The losses of each network's steps, those of the warm-up included. */
  readonly losses: readonly (readonly number[])[];
  readonly time: Time;
}

/** Milliseconds of the steps after the warm-up. */
export interface Time {
  readonly clock: number;
  /** Of all threads of the process. Other programs on the machine change it little. */
  readonly processor: number;
}

/** A network, or several, that a step advances. */
interface Advancing {
  /** Returns the loss, or that of each network. */
  advance(x: Batch, labels: tf.Tensor2D): tf.Tensor;
  dispose(): void;
}

/** Losses are read from the backend after this number of steps, as in trainings of trials. */
const STEPS_AT_ONCE = 8;

/**
 * Trains networks that differ in their b-functions only. Batches are made from the data once for all networks that are
 * trained together.
 *
 * @throws RangeError if the program cannot train the objectives
 */
export async function runPopulation(
  objectives: readonly TrainingObjective[],
  data: DataSet,
  options: PopulationOptions,
): Promise<PopulationRun> {
  const { program, ops } = options;
  const plan = planTraining(objectives[0]!);
  const batches = () => new Batches(data, objectives[0]!, plan.stepsPerEpoch);
  if (program !== 'separate') {
    const State = { joined: JoinedStates, stacked: StackedState }[program];
    const { rows, time } = await advanceAll(new State(objectives, plan, ops), batches(), options);
    return { losses: objectives.map((_, i) => rows.map((row) => row[i]!)), time };
  }
  const runs = [];
  for (const objective of objectives) {
    runs.push(await advanceAll(new TrainState(objective, plan, ops), batches(), options));
  }
  return {
    losses: runs.map(({ rows }) => rows.map(([loss]) => loss!)),
    time: {
      clock: runs.reduce((sum, { time }) => sum + time.clock, 0),
      processor: runs.reduce((sum, { time }) => sum + time.processor, 0),
    },
  };
}

/** Takes all steps and disposes the state. Returns the losses of each step and the time of those after the warm-up. */
async function advanceAll(
  state: Advancing,
  batches: Batches,
  { warmUp, steps }: PopulationOptions,
): Promise<{ rows: number[][]; time: Time }> {
  const rows: number[][] = [];
  let pending: tf.Tensor[] = [];
  const readLosses = async (): Promise<void> => {
    const read = pending;
    pending = [];
    for (const losses of await Promise.all(read.map((each) => each.data()))) rows.push([...losses]);
    disposeTensors(read);
  };
  let start = readTime();
  for (let step = 0; step < warmUp + steps; step++) {
    if (step === warmUp) {
      await readLosses();
      start = readTime();
    }
    const { x, labels } = batches.training(step);
    pending.push(state.advance(x, labels));
    disposeTensors([x, labels]);
    if (pending.length === STEPS_AT_ONCE) await readLosses();
  }
  await readLosses();
  const end = readTime();
  state.dispose();
  return { rows, time: { clock: end.clock - start.clock, processor: end.processor - start.processor } };
}

function readTime(): Time {
  const { user, system } = process.cpuUsage();
  return { clock: performance.now(), processor: (user + system) / 1000 };
}
