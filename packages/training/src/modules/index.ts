export { listModules } from './list-modules.ts';
export { ModuleTrainer, type ModuleTrainerOptions } from './module-trainer.ts';
