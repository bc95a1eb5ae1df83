export { listModules } from './list-modules.ts';
export { ModuleProcesses } from './module-processes.ts';
export { createModuleTrainers, ModuleTrainer } from './module-trainer.ts';
export { runModules } from './run-modules.ts';
