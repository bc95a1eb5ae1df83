export { listModules } from './list-modules.ts';
export { ModuleProcesses } from './module-processes.ts';
export { createModuleTrainers, ModuleTrainer, type ModuleTrainerOptions } from './module-trainer.ts';
export { runModules, type RunModulesDeps } from './run-modules.ts';
