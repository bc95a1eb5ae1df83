import { availableParallelism } from 'node:os';
import { ProcessTrainer, type ProcessTrainerOptions } from './process-trainer.ts';

export interface TrainersOptions extends Omit<ProcessTrainerOptions, 'threads' | 'checkpoints'> {
  /** Trainer processes, one per slot. */
  slots: number;
  /** Folder in which long trainings are saved for the next attempt. By default, they are not saved. */
  checkpointFolder?: string | undefined;
  /** Further options of one slot, such as its GPU. */
  ofSlot?: (slot: number) => Partial<ProcessTrainerOptions>;
}

/** Returns the threads of one slot. Slots share the processors, and more threads would only compete. */
export function countThreadsPerSlot(slots: number): number {
  return Math.max(1, Math.floor(availableParallelism() / slots));
}

/** Creates the trainers of a worker. Threads are part of the runtime, so every worker divides processors equally. */
export function createTrainers({ slots, checkpointFolder, ofSlot, ...options }: TrainersOptions): ProcessTrainer[] {
  const threads = countThreadsPerSlot(slots);
  const checkpoints = checkpointFolder === undefined ? undefined : { folder: checkpointFolder };
  return Array.from(
    { length: slots },
    (_, slot) => new ProcessTrainer({ ...options, threads, checkpoints, ...ofSlot?.(slot) }),
  );
}
