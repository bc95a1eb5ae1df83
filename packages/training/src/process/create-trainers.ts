import { availableParallelism } from 'node:os';
import { ProcessTrainer, type ProcessTrainerOptions } from './process-trainer.ts';

export interface TrainersOptions extends Omit<ProcessTrainerOptions, 'threads' | 'checkpoints'> {
  /** Trainer processes, one per slot. */
  slots: number;
  /** Folder where long trainings are saved for the next attempt; not saved by default. */
  checkpointFolder?: string | undefined;
  /** Further options of one slot, such as its GPU. */
  ofSlot?: (slot: number) => Partial<ProcessTrainerOptions>;
}

/** Returns the threads of one slot. Slots share the processors; more threads would only wait for each other. */
export function countThreadsPerSlot(slots: number): number {
  return Math.max(1, Math.floor(availableParallelism() / slots));
}

/** Creates the trainers of a worker. Threads are part of the runtime, so every worker divides the processors alike. */
export function createTrainers({ slots, checkpointFolder, ofSlot, ...options }: TrainersOptions): ProcessTrainer[] {
  const threads = countThreadsPerSlot(slots);
  const checkpoints = checkpointFolder === undefined ? undefined : { folder: checkpointFolder };
  return Array.from(
    { length: slots },
    (_, slot) => new ProcessTrainer({ ...options, threads, checkpoints, ...ofSlot?.(slot) }),
  );
}
