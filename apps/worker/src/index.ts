export { runModules, type RunModulesDeps } from './run-modules.ts';
export { runWorker, type RunWorkerDeps } from './run-worker.ts';
