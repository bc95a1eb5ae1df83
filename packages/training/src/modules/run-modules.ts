import { MODULE_BACKEND } from '@gradsmith/core/jobs';
import { getModuleRuntime } from '@gradsmith/core/objective';
import { runWorker, type RunWorkerDeps } from '@gradsmith/core/worker';
import { createModuleTrainers } from './module-trainer.ts';

export interface RunModulesDeps extends Omit<RunWorkerDeps, 'trainers' | 'runtime' | 'backend' | 'device'> {
  /** Files by module, see `listModules`. */
  modules: ReadonlyMap<string, string>;
  /** Number of simultaneous trials of each module. */
  slots: number;
}

/** Offers every module as a separate runtime until the signal aborts, then releases running trials. */
export async function runModules({ modules, slots, ...deps }: RunModulesDeps, signal: AbortSignal): Promise<void> {
  await Promise.all(
    [...modules.keys()].map((module) => {
      const trainers = createModuleTrainers(modules, slots);
      const runtime = getModuleRuntime(module);
      return runWorker({ ...deps, trainers, runtime, backend: MODULE_BACKEND, device: 'cpu' }, signal);
    }),
  );
}
