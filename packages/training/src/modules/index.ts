export { listModules } from './list-modules.ts';
export { ModuleTrainer, type ModuleTrainerOptions } from './module-trainer.ts';
export { runModules, type RunModulesDeps } from './run-modules.ts';
